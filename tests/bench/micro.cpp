// Micro-benchmarks of what every message and every reply passes through: composing, parts, phone numbers,
// reading replies, profiles, JSON in and out, the interval. `build/micro`; Google Benchmark's options apply.
// Inputs are the project's own: shipped texts and profiles, recorded numbers, the labelled replies.
#include "gateway/api/event_json.hpp"
#include "notify/compose.hpp"
#include "notify/on_event.hpp"
#include "notify/provider/profile_provider.hpp"
#include "notify/provider/webhook.hpp"
#include "notify/sms/unaccent.hpp"
#include "survey/statistics.hpp"
#include "survey/text/reader.hpp"
#include "tests/fuzz/fake_ports.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>

#include <benchmark/benchmark.h>

#include <sstream>

namespace {

using benchmark::DoNotOptimize;
using benchmark::State;

const std::string accented =
    "UBND TX Tân Uyên: Hồ sơ 000.25.15.H09-180103-0001 đã có kết quả. Mời Ông/Bà đến UBND xã Hội Nghĩa nhận "
    "kết "
    "quả, mang theo giấy hẹn và chứng minh nhân dân.";

const notify::Variables variables{
    {"organisation", "UBND TX Tân Uyên"},
    {"dossier", "000.25.15.H09-180103-0001"},
    {"commune", "UBND Xã Hội Nghĩa"},
    {"procedure", "Đăng ký khai sinh"},
    {"due", "16:30 05/01/2018"},
    {"new_due", "16:30 09/01/2018"},
    {"reason", "thiếu giấy chứng minh nhân dân"},
    {"missing_papers", "bản sao sổ hộ khẩu, ảnh 3x4"},
    {"amount", "1.500.000"},
    {"tracking_code", "EB123456789VN"},
};

constexpr std::string_view event_text =
    R"({"event_id":"e1","dossier":"000.25.15.H09-180103-0001","status":9,"at":"2018-01-03T08:30:00+07:00",)"
    R"("commune":"25915","procedure":{"code":"1.001193","name":"Đăng ký khai sinh","field":"Hộ tịch"},)"
    R"("applicant":{"name":"Nguyễn Văn A","phone":"0912345678"},"submitted_by":"online","return_by":"counter",)"
    R"("received_at":"2018-01-02T08:00:00+07:00","due_at":"2018-01-05T16:30:00+07:00"})";

std::vector<std::string> replies(std::initializer_list<const char*> files) {
    std::vector<std::string> all;
    for (const auto* const name : files) {
        std::ifstream file(std::string(HOIAM_TEST_DATA "/replies/") + name);
        for (std::string line, id, text; std::getline(file, line);) {
            std::istringstream fields(line);
            std::getline(fields, id, '\t');
            std::getline(fields, text, '\t');
            all.push_back(text);
        }
    }
    return all;
}

const survey::text::Reader& reader() {
    static const survey::text::Reader made(fuzz::settings().lexicon);
    return made;
}

/// One after the other, so that neither branches nor caches learn a single input.
template <typename Inputs, typename Work>
void over(State& state, const Inputs& inputs, Work work) {
    if (inputs.empty()) return state.SkipWithError("no inputs");
    std::size_t i = 0;
    for (auto _ : state) {
        DoNotOptimize(work(inputs[i]));
        if (++i == inputs.size()) i = 0;
    }
}

void compose_every_situation(State& state) {
    const auto& catalogue = fuzz::settings().notify.catalogue;
    std::vector<const config::SituationTexts*> situations;
    for (const auto& [name, situation] : catalogue.situations)
        situations.push_back(&situation);
    over(state, situations, [&](const auto* each) { return notify::compose(*each, variables, catalogue); });
}
BENCHMARK(compose_every_situation);

void parts_accented(State& state) {
    for (auto _ : state)
        DoNotOptimize(notify::sms::measure(accented));
}
BENCHMARK(parts_accented);

void parts_plain(State& state) {
    const auto plain = notify::sms::unaccent(accented);
    for (auto _ : state)
        DoNotOptimize(notify::sms::measure(plain));
}
BENCHMARK(parts_plain);

void unaccent(State& state) {
    for (auto _ : state)
        DoNotOptimize(notify::sms::unaccent(accented));
}
BENCHMARK(unaccent);

void phone_parse(State& state) {
    std::ifstream file(HOIAM_TEST_DATA "/phones/cases.json");
    const auto recorded = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    std::vector<std::string> typed;
    for (const auto& each : recorded.at("cases").as_array())
        typed.emplace_back(each.at("input").as_string());
    const auto& plan = config::shipped_numbering();
    over(state, typed, [&](const auto& each) { return notify::PhoneNumber::parse(each, plan); });
}
BENCHMARK(phone_parse);

void read_score(State& state) {
    const auto& made = reader();
    over(state, replies({"own-score.tsv", "sample-score.tsv"}), [&](const auto& each) {
        return made.read_score(each);
    });
}
BENCHMARK(read_score);

void read_reason(State& state) {
    const auto& made = reader();
    over(state, replies({"own-reason.tsv", "sample-reason.tsv"}), [&](const auto& each) {
        return made.read_reason(each);
    });
}
BENCHMARK(read_reason);

void profile_request(State& state) {
    const auto& provider = fuzz::settings().providers[static_cast<std::size_t>(state.range(0))];
    const notify::Outbound message{
        .request_id = "abcdefgh-1234567",
        .phone = notify::PhoneNumber::from_subscriber(912345678),
        .text = notify::sms::unaccent(accented),
        .situation = "result_ready"
    };
    for (auto _ : state)
        DoNotOptimize(notify::provider::render_request(provider, message));
    state.SetLabel(provider.name);
}
BENCHMARK(profile_request)->DenseRange(0, 3);

void profile_answer(State& state) {
    const auto& profile = fuzz::settings().providers.front().profile.answer;
    const notify::provider::HttpAnswer answer{
        notify::provider::HttpAnswer::Kind::answered, 200,
        R"({"CodeResult":"100","CountRegenerate":0,"SMSID":"d3f1a2b4-1"})", ""
    };
    for (auto _ : state)
        DoNotOptimize(notify::provider::read_answer(profile, answer));
}
BENCHMARK(profile_answer);

void profile_report(State& state) {
    const auto& provider = fuzz::settings().providers.front();
    for (auto _ : state) {
        const auto request = notify::provider::webhook_request(
            "token=hook-token-7Zq4&SMSID=d3f1a2b4-1&RequestId=abcdefgh-1234567&SendStatus=5&SendSuccess=1&"
            "SendFailed=0&TypeId=2",
            "", ""
        );
        DoNotOptimize(notify::provider::authentic(provider.profile.report->authentication, provider, *request)
        );
        DoNotOptimize(notify::provider::read_report(provider, *request));
    }
}
BENCHMARK(profile_report);

void event_json_in(State& state) {
    for (auto _ : state)
        DoNotOptimize(gateway::api::event_from(boost::json::parse(event_text)));
}
BENCHMARK(event_json_in);

void event_to_draft(State& state) {
    const auto rules = notify::rules_of(fuzz::settings());
    const auto event = *gateway::api::event_from(boost::json::parse(event_text));
    for (auto _ : state)
        DoNotOptimize(notify::on_event(event, std::nullopt, rules, false, event.at));
}
BENCHMARK(event_to_draft);

// The whole way of a request behind the server: route, key, message as JSON.
void message_json_out(State& state) {
    fuzz::FakeWorld world;
    const auto handler = world.handler();
    const gateway::http::Request request{
        .method = "GET", .path = "/v1/messages/7", .headers = {{"authorization", "Bearer k"}}
    };
    for (auto _ : state) {
        auto answer = boost::asio::co_spawn(world.context, handler(request), boost::asio::use_future);
        world.context.restart();
        world.context.run();
        DoNotOptimize(answer.get());
    }
}
BENCHMARK(message_json_out);

void wilson(State& state) {
    int successes = 0;
    for (auto _ : state)
        DoNotOptimize(survey::wilson(successes = (successes + 7) % 1000, 1000));
}
BENCHMARK(wilson);

}  // namespace

BENCHMARK_MAIN();
