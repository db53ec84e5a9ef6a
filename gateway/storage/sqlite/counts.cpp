#include "gateway/storage/sqlite/counts.hpp"

#include "notify/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

namespace gateway::storage {
namespace {

bool read_number(std::string_view text, std::int64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

// The entry of `measure`: mostly `expected`, because every row has nearly the same ones in order.
Counts::iterator entry(Counts& counts, Counts::iterator expected, std::string_view measure) {
    if (expected != counts.end() && expected->first == measure) return expected;
    return counts.try_emplace(std::string(measure)).first;
}

}  // namespace

void add_counts(Tallies& tallies, const std::vector<notify::Count>& counts) {
    for (const auto& count : counts) {
        tallies[{0, count.month.number(), count.unit}][count.measure] += count.by;
        tallies[{1, count.month.number(), count.procedure}][count.measure] += count.by;
    }
}

bool try_add_counts(Counts& counts, std::string_view text) {
    auto expected = counts.begin();
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const auto equals = text.find('=');
        std::int64_t n = 0;
        if (equals == 0 || equals >= end || !read_number(text.substr(equals + 1, end - equals - 1), n))
            return false;
        const auto of_measure = entry(counts, expected, text.substr(0, equals));
        of_measure->second += n;
        expected = std::next(of_measure);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

void add_counts(Counts& counts, std::string_view text) {
    if (!try_add_counts(counts, text))
        throw notify::StoreUnavailable(
            "database: a tally's counts cannot be read; hoiam recount --repair counts them again"
        );
}

std::string text_of(const Counts& counts) {
    std::string text;
    for (const auto& [measure, n] : counts)
        if (n != 0) fmt::format_to(std::back_inserter(text), "{}{}={}", text.empty() ? "" : " ", measure, n);
    return text;
}

}  // namespace gateway::storage
