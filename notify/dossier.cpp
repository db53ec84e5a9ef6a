#include "notify/dossier.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace notify {

std::expected<DossierCode, std::string> DossierCode::parse(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos)
        return std::unexpected("is empty; a dossier code looks like 000.25.18.H09-181203-0012");
    text = text.substr(first, text.find_last_not_of(spaces) + 1 - first);
    const auto printable = [](char c) { return c > ' ' && c <= '~'; };
    if (text.size() > 60 || !std::ranges::all_of(text, printable))
        return std::unexpected(
            "is no dossier code; write up to 60 letters, digits and signs without spaces, as "
            "000.25.18.H09-181203-0012"
        );
    return DossierCode(std::string(text));
}

std::optional<Status> status_from(std::int64_t code) {
    if (code < 1 || code > 10) return std::nullopt;
    return static_cast<Status>(code);
}

bool clock_runs(Status status) {
    return status == Status::received || status == Status::processing;
}

std::string_view to_string(Channel channel) {
    switch (channel) {
        case Channel::counter:
            return "counter";
        case Channel::online:
            return "online";
        case Channel::post:
            return "post";
    }
    return "counter";
}

std::optional<Channel> channel_from(std::string_view text) {
    for (const auto channel : {Channel::counter, Channel::online, Channel::post})
        if (to_string(channel) == text) return channel;
    return std::nullopt;
}

std::string UnitKey::str() const {
    return fmt::format(
        "{}@{:04}-{:02}-{:02}", code, int(valid_from.year()), static_cast<unsigned>(valid_from.month()),
        static_cast<unsigned>(valid_from.day())
    );
}

namespace {

// phone_problem of a dossier that was forgotten; followed by _ and the problem when it had no number.
constexpr std::string_view had_a_phone = "forgotten";

// Early: on a civil day before the appointment's. Late: after the appointment itself.
std::string_view punctuality(const Dossier& dossier) {
    if (!dossier.due_at) return "no_due_date";
    if (*dossier.finished_at > *dossier.due_at) return "late";
    return config::civil_day(*dossier.finished_at) < config::civil_day(*dossier.due_at) ? "early" : "on_time";
}

}  // namespace

std::optional<Time> appointment(const Dossier& dossier) {
    return dossier.promised_at ? dossier.promised_at : dossier.due_at;
}

bool forgotten(const Dossier& dossier) {
    return !clock_runs(dossier.status) && dossier.phone_problem.starts_with(had_a_phone);
}

std::vector<Count> counts(const Dossier& dossier) {
    std::vector<Count> result;
    const auto add = [&](Time when, std::string_view measure) {
        result.push_back({config::Month::of(when), dossier.unit, dossier.procedure.code, std::string(measure)}
        );
    };
    if (dossier.received_at) add(*dossier.received_at, "received");
    const bool without_phone = !dossier.phone && dossier.phone_problem != had_a_phone;
    if (dossier.received_at && without_phone) add(*dossier.received_at, "without_phone");
    if (!dossier.finished_at) return result;
    add(*dossier.finished_at, "resolved");
    add(*dossier.finished_at, punctuality(dossier));
    if (dossier.return_by == Channel::post) add(*dossier.finished_at, "by_post");
    return result;
}

}  // namespace notify
