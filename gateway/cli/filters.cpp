#include "gateway/cli/commands.hpp"

#include "config/shipped.hpp"
#include "notify/phone_number.hpp"
#include "notify/sms/parts.hpp"
#include "notify/sms/unaccent.hpp"
#include "survey/text/reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <iostream>
#include <stdexcept>
#include <string>

namespace gateway::cli {
namespace {

namespace json = boost::json;

template <typename Line>
int each_line(Line line) {
    std::ios::sync_with_stdio(false);
    std::string text;
    while (std::getline(std::cin, text)) {
        if (text.ends_with('\r')) text.pop_back();
        std::cout << line(text) << '\n';
    }
    std::cout.flush();
    return std::cout ? 0 : 1;
}

}  // namespace

int measure_texts() {
    return each_line([](const std::string& text) {
        const auto plain = notify::sms::unaccent(text);
        const auto size = notify::sms::measure(text);
        return json::serialize(json::object{
            {"encoding", notify::sms::to_string(size.encoding)},
            {"units", size.units},
            {"parts", size.parts},
            {"unaccented", plain},
            {"unaccented_parts", notify::sms::measure(plain).parts},
        });
    });
}

int parse_phones() {
    const auto& numbering = config::shipped_numbering();
    return each_line([&](const std::string& text) {
        const auto phone = notify::PhoneNumber::parse(text, numbering);
        if (phone) return json::serialize(json::object{{"e164", phone->e164()}});
        return json::serialize(json::object{
            {"error", notify::to_string(phone.error())}, {"message", notify::explain(phone.error())}
        });
    });
}

int read_replies(bool score) {
    auto lexicon = config::shipped_lexicon();
    if (!lexicon)
        throw std::runtime_error(fmt::format("the shipped lexicon: {}", fmt::join(lexicon.error(), "; ")));
    const survey::text::Reader reader(*std::move(lexicon));
    return each_line([&](const std::string& text) {
        const auto reading = score ? reader.read_score(text) : reader.read_reason(text);
        auto outcome = reading.score ? std::to_string(reading.score->value())
                                     : std::string(name_of(reading.disposition));
        return fmt::format("{}\t{}", outcome, fmt::join(reading.reasons, ","));
    });
}

}  // namespace gateway::cli
