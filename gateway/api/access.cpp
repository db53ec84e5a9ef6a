#include "gateway/api/access.hpp"

#include <sodium.h>

#include <array>

namespace gateway::api {

std::string_view to_string(Role role) {
    switch (role) {
        case Role::dossiers:
            return "dossiers";
        case Role::viewer:
            return "viewer";
        case Role::admin:
            return "admin";
    }
    return "";
}

std::optional<Role> role_from(std::string_view text) {
    for (const auto role : {Role::dossiers, Role::viewer, Role::admin})
        if (to_string(role) == text) return role;
    return std::nullopt;
}

bool may(Role have, Role need) {
    return have == Role::admin || have == need;
}

std::string new_key() {
    std::array<unsigned char, 24> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(
        text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING
    );
    text.resize(text.find('\0'));
    return "ha_" + text;
}

std::string hash_of(std::string_view key) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(key.data()), key.size());
    std::string text(digest.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
    text.pop_back();
    return text;
}

boost::asio::awaitable<std::optional<Role>> Access::role(std::string authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (!authorization.starts_with(scheme)) co_return std::nullopt;
    auto hash = hash_of(std::string_view(authorization).substr(scheme.size()));
    const auto known = known_.find(hash);
    if (known != known_.end()) co_return known->second;
    const auto role = co_await store_.role_of(hash);
    if (role) known_.emplace(std::move(hash), *role);
    co_return role;
}

}  // namespace gateway::api
