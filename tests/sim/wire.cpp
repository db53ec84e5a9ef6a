#include "tests/sim/wire.hpp"

#include <boost/json.hpp>

#include "config/numbering.hpp"
#include "notify/phone_number.hpp"

namespace sim {
namespace {

std::string filled(std::string url, std::string_view provider) {
    constexpr std::string_view mark = "{provider}";
    if (const auto at = url.find(mark); at != std::string::npos) url.replace(at, mark.size(), provider);
    return url;
}

}  // namespace

std::string Wire::inbound_url() const {
    return filled(settings_.inbound_url, provider());
}

std::string Wire::report_url() const {
    return filled(settings_.report_url, provider());
}

std::optional<std::string> mobile(std::string_view phone) {
    const auto number = notify::PhoneNumber::parse(phone, config::shipped_numbering());
    if (!number) return std::nullopt;
    return number->international();
}

std::optional<boost::json::object> json_object(std::string_view body) {
    boost::system::error_code error;
    const auto value = boost::json::parse(body, error);
    if (error || !value.is_object()) return std::nullopt;
    return value.get_object();
}

std::string text_of(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (!value) return {};
    if (value->is_string()) return std::string(value->get_string());
    if (value->is_null()) return {};
    return boost::json::serialize(*value);
}

HttpAnswer json_answer(unsigned status, const boost::json::value& body) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = boost::json::serialize(body);
    return answer;
}

std::string with_query(std::string url, const std::vector<std::pair<std::string_view, std::string>>& values) {
    char separator = url.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : values) {
        url += separator;
        url += name;
        url += '=';
        url += percent_encoded(value);
        separator = '&';
    }
    return url;
}

}  // namespace sim
