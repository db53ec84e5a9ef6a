#include "gateway/api/field_reader.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gateway::api {

void FieldReader::remark(std::string_view name, std::string_view code, std::string_view message) {
    remarks_->push_back({fmt::format("{}/{}", pointer_, name), std::string(code), std::string(message)});
}

// null counts as not given.
const boost::json::value* FieldReader::find(std::string_view name) const {
    const auto* const found = object_->if_contains(name);
    return found && !found->is_null() ? found : nullptr;
}

std::optional<std::string> FieldReader::text(std::string_view name, std::size_t longest) {
    const auto* const value = find(name);
    if (!value) return std::nullopt;
    const auto* const string = value->if_string();
    if (!string) {
        remark(name, "wrong_type", "must be a text");
        return std::nullopt;
    }
    if (string->size() > longest) {
        remark(name, "too_long", fmt::format("must not be longer than {} bytes", longest));
        return std::nullopt;
    }
    return std::string(*string);
}

std::optional<std::string> FieldReader::required_text(std::string_view name, std::size_t longest) {
    if (!find(name)) {
        remark(name, "missing", "is missing");
        return std::nullopt;
    }
    auto value = text(name, longest);
    if (value && value->empty()) {
        remark(name, "empty", "must not be empty");
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> FieldReader::integer(std::string_view name) {
    const auto* const value = find(name);
    if (!value) return std::nullopt;
    if (const auto* const number = value->if_int64()) return *number;
    remark(name, "wrong_type", "must be a whole number");
    return std::nullopt;
}

std::optional<config::Time> FieldReader::time(std::string_view name) {
    const auto raw = text(name, 64);
    if (!raw || raw->empty()) return std::nullopt;
    const auto time = config::parse_time(*raw);
    if (time) return *time;
    remark(name, "bad_time", time.error());
    return std::nullopt;
}

std::optional<std::string> FieldReader::text_or_number(std::string_view name) {
    const auto* const value = find(name);
    if (!value || !value->is_number()) return text(name);
    // 150000.0 would be written "1.5E5".
    constexpr double exact = 1e15;
    if (const auto* const number = value->if_double();
        number && std::abs(*number) < exact && std::trunc(*number) == *number)
        return std::to_string(static_cast<std::int64_t>(*number));
    return boost::json::serialize(*value);
}

std::optional<FieldReader> FieldReader::object(std::string_view name) {
    const auto* const value = find(name);
    if (!value) return std::nullopt;
    if (const auto* const inner = value->if_object())
        return FieldReader(*inner, fmt::format("{}/{}", pointer_, name), *remarks_);
    remark(name, "wrong_type", "must be an object");
    return std::nullopt;
}

}  // namespace gateway::api
