#include "tests/sim/town_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <tuple>

#include "tests/sim/times.hpp"

namespace sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::duration_cast;
using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::weekday;

constexpr auto local = 7h;
constexpr minutes opens = 7h + 40min;
constexpr minutes closes = 16h + 40min;

// The nearest moment, not earlier, at which somebody sits at the desk.
TimePoint at_the_desk(TimePoint moment) {
    const auto time = time_of_day(moment);
    if (time < opens) moment += opens - time;
    if (time > closes) moment += 24h - time + opens;
    for (auto day = weekday{floor<days>(moment + local)};
         day == std::chrono::Saturday || day == std::chrono::Sunday;
         day = weekday{floor<days>(moment + local)}) {
        moment += 24h;
    }
    return moment;
}

TimePoint end_of_day(TimePoint moment) {
    return floor<days>(moment + local) + 17h - local;
}

// Writes the events of one dossier.
class Story {
public:
    Story(const Row& row, const Lot& lot) : row_(row), lot_(lot) {}

    std::vector<TownEvent> tell() {
        reception();
        if (row_.finished_at) {
            on_the_way(*row_.finished_at);
            if (row_.late()) apologies(*row_.finished_at);
            result();
        } else {
            unresolved();
        }
        return std::move(events_);
    }

private:
    bool chance(double rate, std::string_view what) const { return lot_.chance(rate, {what, row_.code}); }

    std::uint64_t between(std::uint64_t low, std::uint64_t high, std::string_view what) const {
        return lot_.between(low, high, {what, row_.code});
    }

    TimePoint after(TimePoint start, std::uint64_t low, std::uint64_t high, std::string_view what) const {
        return start + minutes(static_cast<std::int64_t>(between(low, high, what)));
    }

    void add(TimePoint at, int status, boost::json::object extras = {}) {
        if (!events_.empty()) at = std::max(at, events_.back().at + 1s);
        boost::json::object event{
            {"event_id", fmt::format("{}#{}", row_.code, events_.size() + 1)},
            {"dossier", row_.code},
            {"status", status},
            {"at", rfc3339(at)},
            {"commune", row_.commune},
            {"procedure",
             {{"code", row_.procedure_code}, {"name", row_.procedure_name}, {"field", row_.field}}},
            {"applicant", {{"name", row_.applicant}, {"phone", row_.phone}}},
            {"submitted_by", row_.submitted_by},
            {"return_by", row_.return_by},
            {"received_at", rfc3339(row_.received_at)},
            {"due_at", rfc3339(row_.due_at)},
        };
        for (auto& [name, value] : extras)
            event[name] = std::move(value);
        events_.push_back({at, boost::json::serialize(event)});
    }

    void reception() {
        if (row_.status == 3) {
            add(row_.received_at, 1);
            add(at_the_desk(after(row_.received_at, 15, 1500, "refused after")), 3, {{"reason", row_.note}});
            return;
        }
        if (row_.submitted_by != "counter") add(row_.received_at - minutes(between(20, 200, "sent in")), 1);
        add(row_.received_at, 2);
    }

    // Papers asked for or a fee to be paid, before the given end.
    void on_the_way(TimePoint end) {
        const auto time = end - row_.received_at;
        if (time < 36h) return;
        const bool papers = chance(0.05, "papers");
        const bool fee = !papers && chance(row_.field == "Đất đai" ? 0.35 : 0.02, "fee");
        if (!papers && !fee) {
            add(std::min(at_the_desk(after(row_.received_at, 30, 300, "taken up")), end - 1h), 4);
            return;
        }
        const auto asked = at_the_desk(row_.received_at + duration_cast<milliseconds>(time * 0.2));
        const auto brought = at_the_desk(row_.received_at + duration_cast<milliseconds>(time * 0.6));
        if (brought >= end || asked >= brought) return;
        if (papers) {
            add(asked, 5, {{"missing_papers", missing_papers()}});
        } else {
            add(asked, 6, {{"amount", fmt::format("{}", between(2, 60, "amount") * 10000)}});
        }
        add(brought, 4);
    }

    std::string_view missing_papers() const {
        constexpr std::array<std::string_view, 5> papers{
            "bản sao sổ hộ khẩu", "bản chính giấy chứng minh nhân dân", "giấy xác nhận tình trạng hôn nhân",
            "văn bản ủy quyền có chứng thực", "trích lục bản đồ thửa đất"
        };
        return papers[between(0, papers.size() - 1, "which papers")];
    }

    // A late dossier: some get a new appointment and a reason on about the due day, long ones a second time.
    void apologies(TimePoint end) {
        if (!chance(0.6, "apology")) return;
        constexpr std::array<std::string_view, 5> causes{
            "hồ sơ cần xác minh thêm", "chờ ý kiến phòng chuyên môn", "cán bộ phụ trách đi công tác",
            "hệ thống phần mềm gặp sự cố", "số lượng hồ sơ tăng cao"
        };
        const auto cause = causes[between(0, causes.size() - 1, "cause")];
        const auto first = after(row_.due_at, 0, 360, "apology at") - 6h;
        const bool twice = end - row_.due_at > days{7} && chance(0.6, "second apology");
        const auto new_due = end_of_day(twice ? at_the_desk(row_.due_at + days{4}) : end);
        add(std::max(first, row_.received_at + 10min), 4,
            {{"new_due_at", rfc3339(new_due)}, {"reason", cause}});
        if (twice) add(new_due - 2h, 4, {{"new_due_at", rfc3339(end_of_day(end))}, {"reason", cause}});
    }

    void result() {
        boost::json::object extras;
        if (row_.return_by == "post")
            extras["tracking_code"] = fmt::format("EX{:09}VN", between(1, 999'999'999, "parcel"));
        add(*row_.finished_at, 9, extras);
        if (row_.returned_at) add(*row_.returned_at, 10, extras);
    }

    void unresolved() {
        switch (row_.status) {
            case 4: {
                add(at_the_desk(after(row_.received_at, 30, 600, "taken up")), 4);
                // A desk that has not answered on the day promises another one.
                const auto new_due = end_of_day(at_the_desk(row_.due_at + days{7}));
                if (chance(0.5, "overdue apology") && row_.due_at < row_.received_at + days{40}) {
                    add(row_.due_at - 1h, 4,
                        {{"new_due_at", rfc3339(new_due)}, {"reason", "hồ sơ cần xác minh thêm"}});
                }
                break;
            }
            case 5:
                add(at_the_desk(after(row_.received_at, 60, 2800, "asked")), 5,
                    {{"missing_papers", row_.note}});
                break;
            case 7:
                add(at_the_desk(after(row_.received_at, 120, 2800, "withdrawn")), 7);
                break;
            case 8:
                add(at_the_desk(after(row_.received_at, 600, 5000, "stopped")), 8, {{"reason", row_.note}});
                break;
            default:
                break;  // 3 ended at reception
        }
    }

    const Row& row_;
    const Lot& lot_;
    std::vector<TownEvent> events_;
};

}  // namespace

std::vector<TownEvent> events_of(const Row& row, const Lot& lot) {
    return Story(row, lot).tell();
}

std::vector<TownEvent> events_of(const Year& year, std::uint64_t seed) {
    const Lot lot(seed ^ 0x70317U);
    std::vector<TownEvent> all;
    for (const auto& row : year.rows()) {
        for (auto& event : events_of(row, lot))
            all.push_back(std::move(event));
    }
    std::ranges::sort(all, [](const TownEvent& a, const TownEvent& b) {
        return std::tie(a.at, a.json) < std::tie(b.at, b.json);  // the JSON starts with the event's id
    });
    return all;
}

}  // namespace sim
