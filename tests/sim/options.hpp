// The command line of the simulator's programs: --name value pairs, flags, --help. Errors name what is known.
// Used once at start.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct OptionInfo {
    std::string_view name;   // without the dashes
    std::string_view value;  // what it takes, empty for a flag
    std::string_view help;
};

class Options {
public:
    // Prints to stderr or stdout and ends the program with 2 or 0 where it cannot go on.
    Options(int argc, char** argv, std::string_view usage, std::vector<OptionInfo> known);

    bool has(std::string_view name) const { return values_.contains(name); }
    std::string text(std::string_view name, std::string_view otherwise = {}) const;
    std::optional<double> number(std::string_view name) const;
    std::uint64_t whole(std::string_view name, std::uint64_t otherwise) const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace sim
