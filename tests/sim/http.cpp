#include "tests/sim/http.hpp"

#include <algorithm>
#include <boost/url.hpp>
#include <cctype>

namespace sim {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

}  // namespace

std::string_view HttpRequest::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string HttpRequest::header(std::string_view name) const {
    const auto found =
        std::ranges::find_if(headers, [&](const auto& header) { return same_name(header.first, name); });
    return found == headers.end() ? std::string{} : found->second;
}

std::map<std::string, std::string, std::less<>> HttpRequest::query() const {
    std::map<std::string, std::string, std::less<>> values;
    const auto mark = target.find('?');
    if (mark == std::string::npos) return values;
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    std::string_view rest = std::string_view(target).substr(mark + 1);
    const auto decoded = [&](std::string_view text) {
        const auto view = boost::urls::make_pct_string_view(text);
        return view ? view->decode(options) : std::string(text);
    };
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        values[decoded(pair.substr(0, equals))] = decoded(pair.substr(std::min(equals + 1, pair.size())));
    }
    return values;
}

std::string percent_encoded(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace sim
