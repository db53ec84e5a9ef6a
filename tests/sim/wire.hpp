// A wire is one provider's HTTP protocol: how a message is submitted and answered, and how its delivery
// reports and the citizens' messages are sent to the daemon. The four wires speak it as the providers
// document it and refuse what the providers refuse. Called by the desk on its thread; a wire keeps no state
// of its own.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/http.hpp"
#include "tests/sim/telecom.hpp"

namespace sim {

struct WireSettings {
    std::string api_key = "sim";
    std::string secret_key = "sim";
    std::string brandname = "TAN UYEN";
    std::string cpid = "hoiam";
    std::string private_key = "sim";
    std::string hook_token = "sim";
    std::string number = "8079";
    std::string inbound_url = "http://127.0.0.1:8080/hooks/{provider}/inbound";
    std::string report_url =
        "http://127.0.0.1:8080/hooks/{provider}/report";  // where a request cannot name one
};

class Wire {
public:
    explicit Wire(const WireSettings& settings) : settings_(settings) {}
    virtual ~Wire() = default;

    virtual std::string_view provider() const = 0;
    virtual bool serves(const HttpRequest&) const = 0;
    virtual HttpAnswer submit(const HttpRequest&, Telecom&) const = 0;
    virtual std::optional<HttpCall> report(const Message&, ReportKind, TimePoint at) const = 0;
    virtual HttpCall inbound(const Reply&, TimePoint at) const = 0;

protected:
    std::string inbound_url() const;
    std::string report_url() const;

    WireSettings settings_;
};

std::unique_ptr<Wire> esms_wire(const WireSettings&);
std::unique_ptr<Wire> speedsms_wire(const WireSettings&);
std::unique_ptr<Wire> kannel_wire(const WireSettings&);
std::unique_ptr<Wire> generic_wire(const WireSettings&);

// 84… of a Vietnamese mobile number in any form, or nothing.
std::optional<std::string> mobile(std::string_view phone);

// The body as an object, or nothing; and a member as text, empty if it is none.
std::optional<boost::json::object> json_object(std::string_view body);
std::string text_of(const boost::json::object& object, std::string_view name);

HttpAnswer json_answer(unsigned status, const boost::json::value& body);
std::string with_query(std::string url, const std::vector<std::pair<std::string_view, std::string>>& values);

}  // namespace sim
