// Takes typed fields out of a JSON object and remembers each mistake with its pointer, so that a sender
// learns of all of them at once. Used by the endpoints that decode bodies; pure.
#pragma once

#include "config/civil_time.hpp"
#include "notify/on_event.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gateway::api {

class FieldReader {
public:
    FieldReader(const boost::json::object& object, std::string pointer, std::vector<notify::Remark>& remarks)
        : object_(&object), pointer_(std::move(pointer)), remarks_(&remarks) {}

    std::optional<std::string> text(std::string_view name, std::size_t longest = 1000);
    std::optional<std::string> required_text(std::string_view name, std::size_t longest = 1000);
    std::optional<std::int64_t> integer(std::string_view name);
    std::optional<config::Time> time(std::string_view name);
    /// A text or a number, as one text.
    std::optional<std::string> text_or_number(std::string_view name);
    std::optional<FieldReader> object(std::string_view name);

    void remark(std::string_view name, std::string_view code, std::string_view message);

private:
    const boost::json::value* find(std::string_view name) const;

    const boost::json::object* object_;
    std::string pointer_;
    std::vector<notify::Remark>* remarks_;
};

}  // namespace gateway::api
