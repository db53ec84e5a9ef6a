// Providers' answers through each profile: "a" to "d" picks it, then a line with the HTTP status, then the
// body.
#include "notify/outcome.hpp"
#include "notify/provider/profile_provider.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/settings.hpp"

#include <charconv>

namespace {

using config::OutcomeClass;
using fuzz::check;

long status_of(std::string_view line) {
    long status = 200;
    std::from_chars(line.data(), line.data() + line.size(), status);
    return status < 100 || status > 599 ? 200 : status;
}

bool known(const config::AnswerProfile& profile, const std::string& code) {
    return profile.codes.contains(code) || code.starts_with("http_") || code == "unreadable_answer" ||
           std::ranges::any_of(profile.prefixes, [&](const auto& prefix) { return prefix.first == code; });
}

void check_code(const config::AnswerProfile& profile, const notify::Outcome& outcome) {
    if (known(profile, outcome.code)) return;
    check(outcome.kind == OutcomeClass::unknown, "a code that no profile knows decides nothing");
    check(outcome.code.size() <= 60, "an unknown code is short");
    std::size_t digits = 0;  // of one number, however it is grouped
    for (const char c : outcome.code) {
        check(c >= ' ' && c <= '~', "an unknown code is printable");
        if (std::isalpha(static_cast<unsigned char>(c))) digits = 0;
        digits += c >= '0' && c <= '9';
        check(digits <= 6, "an unknown code carries no phone number");
    }
}

void check_decision(const notify::Outcome& outcome, const config::Profile& profile) {
    const auto now = *config::parse_time("2018-01-03T09:00:00+07:00");
    notify::Outbound message{.phone = notify::PhoneNumber::from_subscriber(912345678)};
    message.first_sent_at = now;
    message.expires_at = now + std::chrono::hours(72);
    const auto decision =
        notify::on_outcome(message, outcome, {.idempotency = profile.idempotency}, now, 0.5);
    check(notify::allowed(notify::MessageState::sending, decision.next), "a decision is an allowed move");
    if (decision.due_at) check(*decision.due_at > now, "another try lies ahead");
    const bool waits = decision.next == notify::MessageState::retry;
    check(!waits || decision.due_at.has_value(), "a retry knows when");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto rest = fuzz::text_of(data, size);
    const auto& providers = fuzz::settings().providers;
    const auto& profile = providers[fuzz::take_choice(rest, providers.size())].profile;
    const auto status = status_of(fuzz::take_line(rest));
    const notify::provider::HttpAnswer answer{
        notify::provider::HttpAnswer::Kind::answered, status, std::string(rest), ""
    };
    const auto outcome = notify::provider::read_answer(profile.answer, answer);
    if (outcome.kind != OutcomeClass::accepted) check(!outcome.code.empty(), "a refusal has a code");
    check_code(profile.answer, outcome);
    check_decision(outcome, profile);
    return 0;
}
