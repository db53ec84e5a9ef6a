#include "tests/sim/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace sim {
namespace {

[[noreturn]] void refuse(std::string_view message) {
    fmt::print(stderr, "{}\n", message);
    std::exit(2);
}

[[noreturn]] void print_help(std::string_view usage, const std::vector<OptionInfo>& known) {
    fmt::print("{}\n\n", usage);
    for (const auto& option : known) {
        fmt::print("  {:<34} {}\n", fmt::format("--{} {}", option.name, option.value), option.help);
    }
    std::exit(0);
}

}  // namespace

Options::Options(int argc, char** argv, std::string_view usage, std::vector<OptionInfo> known) {
    for (int i = 1; i < argc; ++i) {
        std::string argument = argv[i];
        if (argument == "--help" || argument == "-h") print_help(usage, known);
        const auto equals = argument.find('=');
        auto name = argument.substr(0, equals);
        if (!name.starts_with("--"))
            refuse(fmt::format("unexpected '{}'; --help lists the options", argument));
        name.erase(0, 2);
        std::ranges::replace(name, '_', '-');
        const auto found = std::ranges::find(known, name, &OptionInfo::name);
        if (found == known.end()) refuse(fmt::format("unknown option --{}; --help lists the options", name));
        if (found->value.empty()) {
            values_[name] = "yes";
        } else if (equals != std::string::npos) {
            values_[name] = argument.substr(equals + 1);
        } else if (i + 1 < argc) {
            values_[name] = argv[++i];
        } else {
            refuse(fmt::format("--{} needs {}", name, found->value));
        }
    }
}

std::string Options::text(std::string_view name, std::string_view otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string(otherwise) : found->second;
}

std::optional<double> Options::number(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    char* end = nullptr;
    const auto value = std::strtod(found->second.c_str(), &end);
    if (end == found->second.c_str() || *end != '\0') {
        refuse(fmt::format("--{} needs a number, not '{}'", name, found->second));
    }
    return value;
}

std::uint64_t Options::whole(std::string_view name, std::uint64_t otherwise) const {
    const auto value = number(name);
    return value ? static_cast<std::uint64_t>(*value) : otherwise;
}

}  // namespace sim
