#include "gateway/storage/sqlite/recount.hpp"
#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

#include <map>
#include <string>
#include <string_view>

namespace gateway::storage {
namespace {

using survey::By;
using survey::TallyRow;

config::Day day_of_key(std::string_view key) {
    return config::parse_day(key.substr(key.find('@') + 1)).value_or(config::Day{});
}

// Every unit that existed in the period has its line, also when nothing was counted there.
std::vector<TallyRow> unit_rows(const config::Units& units, survey::Period period) {
    std::vector<TallyRow> rows;
    for (const auto& unit : units.all()) {
        const auto first = config::Month::of(config::start_of(unit.valid_from));
        const bool ended = unit.valid_to && config::Month::of(config::start_of(*unit.valid_to)) < period.from;
        if (first > period.to || ended) continue;
        rows.push_back({.key = notify::UnitKey{unit.code.str(), unit.valid_from}.str(), .name = unit.name});
    }
    return rows;
}

using Sums = std::map<std::string, Counts, std::less<>>;

// The entry of `key`: mostly the one after `last`, because each month brings nearly the same keys in order.
Sums::iterator entry(Sums& sums, Sums::iterator last, std::string_view key) {
    if (last != sums.end() && last->first != key) ++last;
    if (last != sums.end() && last->first == key) return last;
    return sums.try_emplace(std::string(key)).first;
}

// Summed here: SQLite would sort all rows before it groups them, which takes three times as long.
Sums summed(Rows found) {
    Sums sums;
    auto of_key = sums.end();
    while (found.next()) {
        of_key = entry(sums, of_key, found.view(0));
        add_counts(of_key->second, found.view(1));
    }
    return sums;
}

std::string month_of_number(const std::string& number) {
    return config::Month::from_number(std::stoi(number)).str();
}

std::string name_of(Connection& db, const config::Units& units, By by, const std::string& key) {
    if (by == By::month) return key;
    if (by == By::procedure) {
        auto rows = db.query("SELECT name FROM procedures WHERE code = ?", key);
        return rows.next() ? rows.text(0) : key;
    }
    const auto code = config::UnitCode::parse(std::string_view(key).substr(0, key.find('@')));
    const auto* const unit = code ? units.find(*code, day_of_key(key)) : nullptr;
    return unit ? unit->name : key;
}

}  // namespace

std::vector<TallyRow> tallies(Connection& db, const config::Units& units, survey::Period period, By by) {
    std::vector<TallyRow> rows;
    if (by == By::commune) rows = unit_rows(units, period);
    auto sums = summed(db.query(
        by == By::month ? "SELECT month, counts FROM tallies WHERE dimension = ? AND month BETWEEN ? AND ?"
                        : "SELECT key, counts FROM tallies WHERE dimension = ? AND month BETWEEN ? AND ?",
        by == By::procedure ? 1 : 0, period.from.number(), period.to.number()
    ));
    for (auto& row : rows)
        if (auto found = sums.extract(row.key)) row.counts = std::move(found.mapped());
    for (auto& [key, counts] : sums)
        rows.push_back(
            {.key = by == By::month ? month_of_number(key) : key, .name = {}, .counts = std::move(counts)}
        );
    for (auto& row : rows)
        if (row.name.empty()) row.name = name_of(db, units, by, row.key);
    return rows;
}

namespace {

Tallies recounted(Connection& db, const config::Questionnaire& questionnaire) {
    Tallies sums;
    std::vector<std::int64_t> ids;
    {
        auto rows = db.query("SELECT id FROM dossiers");
        while (rows.next())
            ids.push_back(rows.integer(0));
    }
    for (const auto id : ids)
        add_counts(sums, notify::counts(*dossier_by_id(db, notify::DossierId{id})));
    ids.clear();
    {
        auto rows = db.query("SELECT id FROM sessions");
        while (rows.next())
            ids.push_back(rows.integer(0));
    }
    for (const auto id : ids)
        add_counts(sums, survey::counts(*session_by_id(db, id), questionnaire));
    return sums;
}

Tallies kept(Connection& db, int& unreadable) {
    Tallies sums;
    auto rows = db.query("SELECT dimension, month, key, counts FROM tallies");
    while (rows.next()) {
        auto& counts =
            sums[{static_cast<int>(rows.integer(0)), static_cast<int>(rows.integer(1)), rows.text(2)}];
        if (try_add_counts(counts, rows.view(3))) continue;
        counts.clear();
        ++unreadable;
    }
    return sums;
}

void compare(const TallyKey& tally, const Counts& kept, const Counts& counted, Recount& result) {
    auto measures = counted;
    measures.insert(kept.begin(), kept.end());
    const auto of = [](const Counts& counts, const std::string& measure) {
        const auto found = counts.find(measure);
        return found == counts.end() ? 0 : found->second;
    };
    for (const auto& [measure, unused] : measures) {
        ++result.compared;
        const auto was = of(kept, measure), is = of(counted, measure);
        if (was == is) continue;
        const auto& [dimension, month, key] = tally;
        result.differences.push_back({config::Month::from_number(month), key, measure, was, is});
    }
}

}  // namespace

Recount recount(Connection& db, const config::Questionnaire& questionnaire) {
    Recount result;
    auto counted = recounted(db, questionnaire);
    auto from_tallies = kept(db, result.unreadable);
    for (const auto& [tally, counts] : from_tallies)
        counted.try_emplace(tally);
    for (const auto& [tally, counts] : counted)
        compare(tally, from_tallies[tally], counts, result);
    return result;
}

void repair(Connection& db, const config::Questionnaire& questionnaire) {
    db.run("DELETE FROM tallies");
    for (const auto& [tally, counts] : recounted(db, questionnaire))
        add_tally(db, tally, counts);
}

}  // namespace gateway::storage
