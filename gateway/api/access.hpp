// Who may call: API keys with roles, kept as hashes. A key is shown once, when it is made, and is a long
// random text, so a plain SHA-256 of it is enough (there is nothing to guess). The port is implemented by the
// storage.
#pragma once

#include "config/civil_time.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::api {

enum class Role { dossiers, viewer, admin };
std::string_view to_string(Role role);
std::optional<Role> role_from(std::string_view text);

/// An admin may do all, a viewer reads, a one-stop software sends dossiers and reads their messages; those of
/// surveys only an admin does.
bool may(Role have, Role need);

std::string new_key();
std::string hash_of(std::string_view key);

class KeyStore {
public:
    virtual ~KeyStore() = default;
    virtual boost::asio::awaitable<std::optional<Role>> role_of(std::string hash) = 0;
    virtual boost::asio::awaitable<bool> add_key(
        std::string name, Role role, std::string hash, config::Time now
    ) = 0;
};

/// Remembers what it has looked up. Keys are only ever added while the daemon runs, so a known one stays
/// known.
class Access {
public:
    explicit Access(KeyStore& store) : store_(store) {}
    /// The role of the key in "Bearer KEY"; none when there is none or it is unknown.
    boost::asio::awaitable<std::optional<Role>> role(std::string authorization);

private:
    KeyStore& store_;
    std::map<std::string, Role, std::less<>> known_;
};

}  // namespace gateway::api
