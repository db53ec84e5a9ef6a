// The dossier (hồ sơ) as the one-stop software tells of it: its code, the ten national statuses, the event
// that reports a change, and the dossier as Hồi Âm knows it after all events so far. Also what a dossier
// counts in the figures. Plain values for any thread; on_event.hpp decides what an event changes.
#pragma once

#include "config/civil_time.hpp"
#include "config/units.hpp"
#include "notify/phone_number.hpp"
#include "notify/tally.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace notify {

using config::Day;
using config::Duration;
using config::Time;

enum class DossierId : std::int64_t {};

/// Mã hồ sơ, as "000.25.18.H09-181203-0012": up to 60 printable characters without spaces.
class DossierCode {
public:
    static std::expected<DossierCode, std::string> parse(std::string_view text);
    const std::string& str() const { return text_; }
    auto operator<=>(const DossierCode&) const = default;

private:
    explicit DossierCode(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// TrangThaiHoSo of the national data format (codes 1-10).
enum class Status {
    registered = 1,
    received = 2,
    not_accepted = 3,
    processing = 4,
    supplement = 5,
    payment_due = 6,
    withdrawn = 7,
    stopped = 8,
    finished = 9,
    returned = 10,
};
std::optional<Status> status_from(std::int64_t code);

/// The clock of the dossier runs: received or in processing.
bool clock_runs(Status status);

enum class Channel { counter, online, post };
std::string_view to_string(Channel channel);
std::optional<Channel> channel_from(std::string_view text);

struct Procedure {
    std::string code, name, field;
};

/// One event; what it does not say stays as it was.
struct DossierEvent {
    std::string event_id;
    DossierCode dossier;
    Status status;
    Time at;
    std::optional<std::string> commune;  // unit code or name
    std::optional<Procedure> procedure;
    std::optional<std::string> applicant_name;
    std::optional<std::string> phone;  // as typed
    std::optional<Channel> submitted_by, return_by;
    std::optional<Time> received_at, due_at, finished_at, returned_at;
    std::optional<std::string> note, missing_papers, amount, reason, tracking_code;
    std::optional<Time> new_due_at;
};

/// The unit a dossier belongs to: a code is unique only together with the day since when it is valid.
struct UnitKey {
    std::string code;
    Day valid_from;
    std::string str() const;  // "25888@2013-12-29"
};

struct Dossier {
    DossierId id{};  // 0: not stored yet
    DossierCode code;
    Status status;
    Time status_at;
    std::string unit;  // UnitKey::str()
    Procedure procedure;
    std::string applicant_name;
    std::optional<PhoneNumber> phone;
    std::string phone_problem;  // why there is none; empty when there is; forgotten after its time
    Channel submitted_by = Channel::counter, return_by = Channel::counter;
    std::optional<Time> received_at;
    std::optional<Time> due_at;       // by which it is early, on time or late; a supplement moves it
    std::optional<Time> promised_at;  // the new appointment after an apology; the dossier stays late
    std::optional<Time> finished_at, returned_at;
    std::string note;
};

/// What the citizen waits for: the last promised date, else the first.
std::optional<Time> appointment(const Dossier& dossier);

/// Its name, number and note have been removed, long after its end or the last word of it (config:
/// [retention]).
bool forgotten(const Dossier& dossier);

/// What this dossier counts: received, resolved, early, on_time, late, by_post.
std::vector<Count> counts(const Dossier& dossier);

}  // namespace notify
