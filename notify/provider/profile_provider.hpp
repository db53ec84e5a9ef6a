// A provider made of its profile: renders the request from the message and the operator's settings, sends it,
// and reads the answer into an outcome. Everything provider-specific stands in config/providers/*.toml.
// The rendering and reading are free functions without I/O, so that recorded exchanges can test them.
#pragma once

#include "config/settings.hpp"
#include "notify/provider.hpp"
#include "notify/provider/http_client.hpp"

namespace notify::provider {

HttpRequest render_request(const config::ProviderSettings& settings, const Outbound& message);

Outcome read_answer(const config::AnswerProfile& profile, const HttpAnswer& answer);

class ProfileProvider final : public Provider {
public:
    ProfileProvider(const config::ProviderSettings& settings, HttpClient& client)
        : settings_(settings), client_(client) {}

    const std::string& name() const override { return settings_.name; }
    boost::asio::awaitable<Outcome> send(Outbound message) override;

private:
    const config::ProviderSettings& settings_;
    HttpClient& client_;
};

}  // namespace notify::provider
