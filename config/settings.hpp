// Everything the operator decides, as plain values with their defaults and units: the configuration file and
// what it names (units, texts, questionnaire, lexicon, provider profiles). Built once by load(); constant
// afterwards. Each room takes only its own part.
#pragma once

#include "config/catalogue.hpp"
#include "config/civil_time.hpp"
#include "config/lexicon.hpp"
#include "config/numbering.hpp"
#include "config/profile.hpp"
#include "config/questionnaire.hpp"
#include "config/units.hpp"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace config {

struct Server {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    std::string public_url;  // how telecoms reach us; default http://address:port
    std::size_t body_limit = std::size_t{8} * 1024 * 1024;  // bytes
    Duration read_timeout = std::chrono::seconds(15);
    int most_connections = 1000;
};

struct Storage {
    std::filesystem::path sqlite_file;  // of "sqlite:PATH", beside the configuration when relative
};

struct Organisation {
    std::string name;      // "UBND thị xã Tân Uyên"
    std::string sms_name;  // how an SMS begins; default: name
    Units units;
};

struct ProviderSettings {
    std::string name;  // of the lane and of /hooks/{name}/…
    Profile profile;
    int share = 1;
    std::map<std::string, std::string, std::less<>> values;  // what the profile's placeholders stand for
};

struct Inbound {
    std::string number, keyword;
    std::string cost;  // as citizens read it; empty: the questionnaire's word for free
};

struct Survey {
    bool on = true;
    Questionnaire questionnaire;
    Duration delay = std::chrono::days(1);
    Duration expires_after = std::chrono::days(3);
    Duration remind_after{0};  // 0: no reminder
    int recontact_days = 30;   // a phone is asked at most once in so many days
    Hours hours{std::chrono::hours(7), std::chrono::hours(20)};
    int least_answers = 10;  // below it a rate is withheld
};

struct Notify {
    Hours hours{std::chrono::hours(7), std::chrono::hours(20)};
    Duration stale_after = std::chrono::days(3);
    Duration coalesce = std::chrono::minutes(2);
    Catalogue catalogue;
};

/// How long records are kept; none: for ever.
struct Retention {
    std::optional<Duration> messages = std::chrono::days(730);       // SMS in and out, attempts, events
    std::optional<Duration> personal_data = std::chrono::days(730);  // of a dossier, after its end
};

struct Settings {
    std::filesystem::path file;
    Server server;
    Storage storage;
    Organisation organisation;
    std::vector<ProviderSettings> providers;
    Inbound inbound;
    Survey survey;
    Notify notify;
    Retention retention;
    Numbering numbering;
    Lexicon lexicon;
};

}  // namespace config
