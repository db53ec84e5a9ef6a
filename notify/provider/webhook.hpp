// Reads what a telecom sends us (delivery reports, inbound SMS) through its profile: checks that it is
// authentic, takes the fields out, and renders the answer the telecom expects. Pure: the HTTP request comes
// in as plain values. Used by gateway/api/hooks.
#pragma once

#include "config/settings.hpp"
#include "notify/outcome.hpp"
#include "notify/phone_number.hpp"

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace notify::provider {

struct WebhookRequest {
    std::map<std::string, std::string, std::less<>> fields;   // query, form or top level of the JSON body
    std::map<std::string, std::string, std::less<>> headers;  // names in lower case
};

/// Fields of the query, and of the body when it is a form or a JSON object; empty when the body is neither.
std::optional<WebhookRequest> webhook_request(
    std::string_view query, std::string_view content_type, std::string_view body
);

/// An SMS from a citizen, as the provider gave it.
struct InboundSms {
    std::string provider;
    std::string key;   // by which a repeat is recognised; unique per provider
    std::string from;  // as given
    std::string to;
    std::string text;
    std::optional<Time> sent_at;
};

/// The operator's settings that `profile` signs with and that he has not given. While one is missing anybody
/// could sign, so nothing passes.
std::vector<std::string> unset_secrets(
    const config::AuthenticationProfile& profile, const config::ProviderSettings& settings
);

/// The profile lets everything pass as long as the operator has not given the setting that it `needs`.
bool unprotected(const config::AuthenticationProfile& profile, const config::ProviderSettings& settings);

bool authentic(
    const std::optional<config::AuthenticationProfile>& profile, const config::ProviderSettings& settings,
    const WebhookRequest& request
);

/// The error names what is missing.
std::expected<DeliveryReport, std::string> read_report(
    const config::ProviderSettings& settings, const WebhookRequest& request
);

/// Whether the request is an inbound SMS at all, when reports may come to the same URL.
bool is_inbound(const config::InboundProfile& profile, const WebhookRequest& request);

std::expected<InboundSms, std::string> read_inbound(
    const config::ProviderSettings& settings, const WebhookRequest& request, Time now
);

std::string render_answer(
    const config::WebhookAnswer& answer, const config::ProviderSettings& settings,
    const WebhookRequest& request
);

}  // namespace notify::provider
