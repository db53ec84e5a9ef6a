#include "notify/compose.hpp"

#include "notify/sms/unaccent.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace notify {
namespace {

std::size_t characters(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8)
        count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

// Line breaks and control characters of a typed note would break the one line that an SMS is.
std::string one_line(std::string_view text) {
    constexpr std::string_view line_separator = "\u2028", paragraph_separator = "\u2029";
    std::string line;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto rest = text.substr(i);
        const bool separator = rest.starts_with(line_separator) || rest.starts_with(paragraph_separator);
        if (separator) i += line_separator.size() - 1;
        const char c = text[i];
        const bool space = separator || c == ' ' || (static_cast<unsigned char>(c) < 0x20U);
        if (!space)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (line.ends_with(' ') || line.ends_with('.'))
        line.pop_back();
    return line;
}

// Cut at a word where there is one in the last third, so that no half word stands before the dots.
std::string shorten(std::string text, std::size_t longest) {
    if (characters(text) <= longest) return text;
    const std::size_t keep = longest > 3 ? longest - 3 : longest;
    std::size_t bytes = 0, count = 0, last_space = 0;
    while (bytes < text.size()) {
        const bool starts = (static_cast<unsigned char>(text[bytes]) & 0xC0U) != 0x80U;
        if (starts && ++count > keep) break;
        if (text[bytes] == ' ' && count > keep * 2 / 3) last_space = bytes;
        ++bytes;
    }
    text.resize(last_space > 0 ? last_space : bytes);
    return longest > 3 ? text + "..." : text;
}

std::vector<std::string> missing(std::string_view text, const Variables& variables) {
    std::vector<std::string> names;
    for (const auto& name : config::placeholders(text)) {
        const auto found = variables.find(name);
        if (found == variables.end() || found->second.empty()) names.emplace_back(name);
    }
    return names;
}

}  // namespace

std::string fill(std::string_view text, const Variables& variables, const config::Catalogue& catalogue) {
    std::string result;
    while (!text.empty()) {
        const auto open = text.find('{');
        const auto close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) break;
        result += text.substr(0, open);
        const auto name = text.substr(open + 1, close - open - 1);
        const auto value = variables.find(name);
        const auto longest = catalogue.variables.find(name);
        if (value != variables.end())
            result += longest == catalogue.variables.end()
                          ? value->second
                          : shorten(one_line(value->second), longest->second);
        text.remove_prefix(close + 1);
    }
    return result += text;
}

Text encode(std::string content, config::Accents accents, const sms::PartLimits& limits) {
    auto plain = sms::unaccent(content);
    const auto accented_size = sms::measure(content, limits);
    const auto plain_size = sms::measure(plain, limits);
    const bool keep = accents == config::Accents::always ||
                      (accents == config::Accents::automatic && accented_size.parts <= plain_size.parts);
    const auto& size = keep ? accented_size : plain_size;
    return {keep ? std::move(content) : std::move(plain), size.encoding == sms::Encoding::ucs2, size.parts};
}

std::expected<Text, std::string> compose(
    const config::SituationTexts& situation, const Variables& variables, const config::Catalogue& catalogue,
    const sms::PartLimits& limits
) {
    for (const auto& text : situation.texts)
        if (missing(text, variables).empty())
            return encode(fill(text, variables, catalogue), situation.accents, limits);
    return std::unexpected(
        fmt::format("missing variables: {}", fmt::join(missing(situation.texts.back(), variables), ", "))
    );
}

}  // namespace notify
