#include "gateway/storage/sqlite/recount.hpp"
#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

#include <map>
#include <string>
#include <string_view>
#include <tuple>

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

using Sums = std::map<std::string, std::map<std::string, std::int64_t, std::less<>>, std::less<>>;

// The entry of `key`: mostly the one after `last`, because each month brings nearly the same keys in order.
template <typename Map>
typename Map::iterator entry(Map& map, typename Map::iterator last, std::string_view key) {
    if (last != map.end() && last->first != key) ++last;
    if (last != map.end() && last->first == key) return last;
    return map.try_emplace(std::string(key)).first;
}

// Summed here: SQLite would sort all rows before it groups them, which takes three times as long.
Sums summed(Rows found) {
    Sums sums;
    auto of_key = sums.end();
    std::map<std::string, std::int64_t, std::less<>>::iterator of_measure;
    while (found.next()) {
        const auto key = found.view(0);
        if (of_key == sums.end() || of_key->first != key) {
            of_key = entry(sums, of_key, key);
            of_measure = of_key->second.end();
        }
        of_measure = entry(of_key->second, of_measure, found.view(1));
        of_measure->second += found.integer(2);
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
        by == By::month
            ? "SELECT month, measure, n FROM tallies WHERE dimension = ? AND month BETWEEN ? AND ?"
            : "SELECT key, measure, n FROM tallies WHERE dimension = ? AND month BETWEEN ? AND ?",
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

using Place = std::tuple<int, int, std::string, std::string>;  // dimension, month, key, measure

void count_into(std::map<Place, std::int64_t>& sums, const std::vector<notify::Count>& counts) {
    for (const auto& count : counts) {
        sums[{0, count.month.number(), count.unit, count.measure}] += count.by;
        sums[{1, count.month.number(), count.procedure, count.measure}] += count.by;
    }
}

std::map<Place, std::int64_t> recounted(Connection& db, const config::Questionnaire& questionnaire) {
    std::map<Place, std::int64_t> sums;
    std::vector<std::int64_t> ids;
    {
        auto rows = db.query("SELECT id FROM dossiers");
        while (rows.next())
            ids.push_back(rows.integer(0));
    }
    for (const auto id : ids)
        count_into(sums, notify::counts(*dossier_by_id(db, notify::DossierId{id})));
    ids.clear();
    {
        auto rows = db.query("SELECT id FROM sessions");
        while (rows.next())
            ids.push_back(rows.integer(0));
    }
    for (const auto id : ids)
        count_into(sums, survey::counts(*session_by_id(db, id), questionnaire));
    return sums;
}

std::map<Place, std::int64_t> kept(Connection& db) {
    std::map<Place, std::int64_t> sums;
    auto rows = db.query("SELECT dimension, month, key, measure, n FROM tallies WHERE n <> 0");
    while (rows.next())
        sums[{
            static_cast<int>(rows.integer(0)), static_cast<int>(rows.integer(1)), rows.text(2), rows.text(3)
        }] = rows.integer(4);
    return sums;
}

}  // namespace

Recount recount(Connection& db, const config::Questionnaire& questionnaire) {
    Recount result;
    auto from_rows = recounted(db, questionnaire);
    auto from_tallies = kept(db);
    for (const auto& [place, n] : from_tallies)
        from_rows.try_emplace(place, 0);
    for (const auto& [place, n] : from_rows) {
        const auto found = from_tallies.find(place);
        const auto tally = found == from_tallies.end() ? 0 : found->second;
        ++result.compared;
        if (tally == n) continue;
        const auto& [dimension, month, key, measure] = place;
        result.differences.push_back({config::Month::from_number(month), key, measure, tally, n});
    }
    return result;
}

void repair(Connection& db, const config::Questionnaire& questionnaire) {
    db.run("DELETE FROM tallies");
    for (const auto& [place, n] : recounted(db, questionnaire)) {
        const auto& [dimension, month, key, measure] = place;
        if (n != 0) db.run("INSERT INTO tallies VALUES (?, ?, ?, ?, ?)", dimension, month, key, measure, n);
    }
}

}  // namespace gateway::storage
