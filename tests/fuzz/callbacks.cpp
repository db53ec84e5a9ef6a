// Delivery reports and inbound SMS through each profile: a letter picks the profile, then three lines (query,
// content type, Authorization) and the body.
#include "notify/provider/template.hpp"
#include "notify/provider/webhook.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/settings.hpp"

namespace {

using fuzz::check;
namespace hook = notify::provider;

const auto now = *config::parse_time("2018-01-03T09:00:00+07:00");

std::string field(const hook::WebhookRequest& request, std::string_view name) {
    const auto found = request.fields.find(name);
    return found == request.fields.end() ? std::string() : found->second;
}

/// What the profile's documents say must be in the request; written down here a second time.
bool may_pass(const std::string& provider, bool inbound, const hook::WebhookRequest& request) {
    if (provider == "generic") {
        const auto found = request.headers.find("authorization");
        return found != request.headers.end() && found->second == "Bearer " + std::string(fuzz::hook_token);
    }
    if (provider == "esms" && inbound) {
        const auto signed_text = "hoiam" + field(request, "smsid") + field(request, "content") +
                                 field(request, "receiverTime") + std::string(fuzz::private_key);
        return field(request, "sign") == hook::apply_filter(hook::apply_filter(signed_text, "md5"), "base64");
    }
    return field(request, "token") == fuzz::hook_token;
}

void check_report(const config::ProviderSettings& provider, const hook::WebhookRequest& request) {
    const auto& profile = *provider.profile.report;
    check(
        hook::authentic(profile.authentication, provider, request) == may_pass(provider.name, false, request),
        "a report passes only with its secret"
    );
    const auto report = hook::read_report(provider, request);
    if (!report) {
        check(!report.error().empty(), "a refused report says what is missing");
        return;
    }
    check(!report->provider_message_id.empty() || !report->request_id.empty(), "a report names a message");
    check(report->provider_message_id.size() <= 200, "what a report names is not kept at any length");
    check(report->code.size() <= 60, "a report's code is short");
}

void check_inbound(const config::ProviderSettings& provider, const hook::WebhookRequest& request) {
    const auto& profile = *provider.profile.inbound;
    check(
        hook::authentic(profile.authentication, provider, request) == may_pass(provider.name, true, request),
        "an inbound SMS passes only with its secret"
    );
    hook::is_inbound(profile, request);
    const auto sms = hook::read_inbound(provider, request, now);
    if (!sms) {
        check(!sms.error().empty(), "a refused SMS says what is missing");
        return;
    }
    check(!sms->from.empty() && !sms->key.empty(), "an inbound SMS has a sender and a key");
    check(fuzz::is_utf8(sms->text) && fuzz::is_utf8(sms->from), "what is kept of an inbound SMS is text");
    const auto again = hook::read_inbound(provider, request, now);
    check(again && again->key == sms->key, "a repeat is recognised");
}

void check_answer(
    const config::WebhookAnswer& answer, const config::ProviderSettings& provider,
    const hook::WebhookRequest& request
) {
    const auto count = [](std::string_view text) {
        return std::ranges::count_if(text, [](char c) {
            return c == '<' || c == '>' || c == '&' || c == '"' || c == '\\' || c == '\n';
        });
    };
    const auto body = hook::render_answer(answer, provider, request);
    check(count(body) == count(answer.body), "nothing echoed can be markup");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto rest = fuzz::text_of(data, size);
    const auto& providers = fuzz::settings().providers;
    const auto& provider = providers[fuzz::take_choice(rest, providers.size())];
    const auto query = fuzz::take_line(rest), type = fuzz::take_line(rest), secret = fuzz::take_line(rest);
    auto request = hook::webhook_request(query, type, rest);
    if (!request) return 0;
    request->headers.emplace("authorization", secret);
    check_report(provider, *request);
    check_inbound(provider, *request);
    check_answer(provider.profile.report->answer, provider, *request);
    check_answer(provider.profile.inbound->answer, provider, *request);
    return 0;
}
