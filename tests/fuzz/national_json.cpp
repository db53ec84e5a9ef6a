// Items in the national data format: 'a' is DongBoHoSoMC, 'b' CapNhatTienDoHoSoMC, then the JSON.
#include "gateway/api/national_json.hpp"
#include "tests/fuzz/event_checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using fuzz::check;
    auto rest = fuzz::text_of(data, size);
    const auto service = fuzz::take_choice(rest, 2) == 0 ? gateway::api::NationalService::sync_dossier
                                                         : gateway::api::NationalService::update_progress;
    const auto value = fuzz::parse_json(rest);
    if (!value) return 0;
    const auto now = *config::parse_time("2018-01-20T09:00:00+07:00");
    const auto event = gateway::api::national_event_from(service, *value, now);
    if (!event) {
        fuzz::check_remarks(event.error());
        return 0;
    }
    const auto later = gateway::api::national_event_from(service, *value, now + std::chrono::hours(1));
    check(later && later->event_id == event->event_id, "the same item is the same event");
    check(
        !event->amount || event->amount->find('-') == std::string::npos, "what is to be paid is not negative"
    );
    fuzz::check_decision(*event);
    return 0;
}
