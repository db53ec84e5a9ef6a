#include "tests/bench/load/peer.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ctime>

namespace bench::load {
namespace {

// Short and long, as people type; all understood at once, so that one answer is sent to each.
constexpr std::array<std::string_view, 8> replies{"5",         "4",           "hai long", "rat hai long",
                                                  "5 rat tot", "4. hai long", "3",        "binh thuong"};

constexpr std::uint32_t first_phone = 10'000'000;  // 0910000000
constexpr std::size_t phone_digits = 8;            // after 849

std::uint32_t phone_of(std::uint32_t slot) {
    return first_phone + slot;
}

std::optional<std::uint32_t> slot_after(std::string_view text, std::string_view mark) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos || text.size() < at + mark.size() + phone_digits) return std::nullopt;
    std::uint32_t phone = 0;
    const char* const digits = text.data() + at + mark.size();
    std::from_chars(digits, digits + phone_digits, phone);
    if (phone < first_phone) return std::nullopt;
    return phone - first_phone;
}

// A telecom's ids follow no order.
std::uint64_t telecom_id(std::uint32_t slot) {
    std::uint64_t z = (slot + 1ULL) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

std::string now_text() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text.data();
}

void append_answer(std::string& out, std::string_view status, std::string_view type, std::string_view body) {
    fmt::format_to(
        std::back_inserter(out), "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status,
        type, body.size(), body
    );
}

class Hoiam : public Peer {
public:
    explicit Hoiam(const Options& options)
        : started_(now_text()),
          events_head_(post("/v1/dossier-events", options.key)),
          report_head_(post("/hooks/generic/report", "bench")),
          inbound_head_(post("/hooks/generic/inbound", "bench")) {}

    std::string order(std::uint32_t slot) const override { return with_body(events_head_, event(slot, 9)); }

    std::string inbound(std::uint32_t slot) const override {
        return with_body(
            inbound_head_, fmt::format(
                               R"({{"id":"in-{0:07}","from":"+849{1:08}","to":"8079","text":"{2}"}})", slot,
                               phone_of(slot), replies[slot % replies.size()]
                           )
        );
    }

    std::string survey(std::uint32_t from, std::uint32_t to) const override {
        std::string body = "[";
        for (auto slot = from; slot < to; ++slot) {
            if (slot != from) body += ',';
            body += event(slot, 10);
        }
        return with_body(events_head_, body += ']');
    }

    Received take(std::string_view, std::string_view body, std::string& answer) override {
        const auto slot = slot_after(body, R"("to":"+849)");
        if (!slot) {
            append_answer(answer, "400 Bad Request", "text/plain", "no phone");
            return {};
        }
        append_answer(
            answer, "202 Accepted", "application/json",
            fmt::format(R"({{"status":"accepted","message_id":"{:016x}"}})", telecom_id(*slot))
        );
        return {Kind::sms, *slot};
    }

    std::string report(std::uint32_t slot) const override {
        return with_body(
            report_head_, fmt::format(R"({{"message_id":"{:016x}","status":"delivered"}})", telecom_id(slot))
        );
    }

    bool tells() const override { return false; }

private:
    static std::string post(std::string_view path, std::string_view key) {
        return fmt::format(
            "POST {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: "
            "application/json\r\n"
            "Content-Length: ",
            path, key
        );
    }
    static std::string with_body(std::string_view head, std::string_view body) {
        return fmt::format("{}{}\r\n\r\n{}", head, body.size(), body);
    }
    std::string event(std::uint32_t slot, int status) const {
        return fmt::format(
            R"({{"event_id":"b{0}","dossier":"BENCH-{0:07}","status":{3},"at":"{1}","commune":"25888","received_at":"{1}",)"
            R"("procedure":{{"code":"1.001193","name":"Đăng ký khai sinh"}},"applicant":{{"name":"Nguyễn Văn A","phone":"09{2:08}"}}}})",
            slot, started_, phone_of(slot), status
        );
    }

    std::string started_, events_head_, report_head_, inbound_head_;
};

class Kannel : public Peer {
public:
    explicit Kannel(const Options& options)
        : first_(options.first), reported_(options.reports != Reports::none), sink_port_(options.sink_port) {
        if (reported_) report_paths_.resize(options.messages);
    }

    std::string order(std::uint32_t slot) const override {
        auto target = fmt::format(
            "/cgi-bin/"
            "sendsms?username=bench&password=bench&from=8079&to=%2B849{:08}&text=UBND+thi+xa+Tan+Uyen%3A+Ho+"
            "so+"
            "BENCH-{:07}+da+co+ket+qua.+Moi+Ong%2FBa+mang+giay+hen+den+Phuong+Uyen+Hung+de+nhan.",
            phone_of(slot), slot
        );
        if (reported_)
            target += fmt::format(
                "&dlr-mask=19&dlr-url=http%3A%2F%2F127.0.0.1%3A{}%2Ftold%3Ffor%3D849{:08}%26state%3D%25d",
                sink_port_, phone_of(slot)
            );
        return get(target);
    }

    std::string inbound(std::uint32_t slot) const override {
        std::string text(replies[slot % replies.size()]);
        for (auto& c : text)
            if (c == ' ') c = '+';
        return get(fmt::format(
            "/?username=bench&password=bench&from=%2B849{:08}&to=8079&text={}&id=in-{:07}", phone_of(slot),
            text, slot
        ));
    }

    std::string survey(std::uint32_t, std::uint32_t) const override { return {}; }

    Received take(std::string_view start_line, std::string_view, std::string& answer) override {
        auto target = start_line.substr(start_line.find(' ') + 1);
        target = target.substr(0, target.find(' '));
        if (target.starts_with("/told")) {
            append_answer(answer, "200 OK", "text/plain", "");
            return {Kind::told, slot_after(target, "for=849").value_or(0)};
        }
        if (target.starts_with("/service")) {
            append_answer(answer, "200 OK", "text/plain", "UBND thi xa Tan Uyen: Cam on Ong/Ba da danh gia.");
            return {Kind::service, slot_after(target, "849").value_or(0)};
        }
        const auto slot = slot_after(target, "&to=%2B849");
        if (!slot) {
            append_answer(answer, "400 Bad Request", "text/plain", "no phone");
            return {};
        }
        append_answer(answer, "202 Accepted", "text/plain", "0: Accepted for delivery");
        if (reported_) report_paths_.at(*slot - first_) = report_path(target);
        return {Kind::sms, *slot};
    }

    std::string report(std::uint32_t slot) const override { return get(report_paths_.at(slot - first_)); }

    bool tells() const override { return true; }

private:
    static std::string get(std::string_view target) {
        return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
    }

    static std::string decoded(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '%' || i + 2 >= text.size()) {
                out += text[i] == '+' ? ' ' : text[i];
                continue;
            }
            int code = 0;
            std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16);
            out += static_cast<char>(code);
            i += 2;
        }
        return out;
    }

    // "http://host:port/path?…%d…", escaped, with the state of a delivered message in its place.
    static std::string report_path(std::string_view target) {
        constexpr std::string_view mark = "&dlr-url=";
        const auto at = target.find(mark);
        if (at == std::string_view::npos) return "/";
        const auto field = target.substr(at + mark.size());
        auto url = decoded(field.substr(0, field.find('&')));
        url.erase(0, url.find('/', url.find("//") + 2));
        const auto state = url.find("%d");
        if (state != std::string::npos) url.replace(state, 2, "1");
        return url;
    }

    std::uint32_t first_;
    bool reported_;
    std::uint16_t sink_port_;
    std::vector<std::string> report_paths_;
};

}  // namespace

std::unique_ptr<Peer> peer_for(const Options& options) {
    if (options.kannel) return std::make_unique<Kannel>(options);
    return std::make_unique<Hoiam>(options);
}

}  // namespace bench::load
