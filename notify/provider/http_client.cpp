#include "notify/provider/http_client.hpp"

#include <curl/curl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <unordered_map>

namespace notify::provider {

namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_answer = 256 * 1024;  // a telecom's answer is a few hundred bytes
constexpr long connect_timeout_ms = 10'000;
constexpr long connection_age_s = 300;

struct Global {
    Global() { curl_global_init(CURL_GLOBAL_DEFAULT); }
};

/// One transfer, owned by the coroutine that awaits it.
struct Transfer {
    explicit Transfer(const asio::any_io_executor& executor)
        : done(executor, asio::steady_timer::time_point::max()) {}
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    HttpAnswer answer;
    CURLcode code = CURLE_OK;
    bool finished = false;
    asio::steady_timer done;
};

std::size_t keep_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& body = static_cast<Transfer*>(user)->answer.body;
    if (body.size() + size * count > largest_answer) return 0;
    body.append(data, size * count);
    return size * count;
}

// Errors after which the request cannot have been processed by the other side.
bool cannot_have_arrived(CURLcode code) {
    switch (static_cast<int>(code)) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_OUT_OF_MEMORY:
            return true;
        default:
            return false;
    }
}

}  // namespace

class HttpClient::Engine {
public:
    explicit Engine(asio::any_io_executor executor) : executor_(std::move(executor)), timer_(executor_) {
        static const Global global;
        multi_ = curl_multi_init();
        curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Engine::on_socket);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Engine::on_timer);
        curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine() {
        closing_ = true;
        for (CURL* easy : idle_)
            curl_easy_cleanup(easy);
        curl_multi_cleanup(multi_);
    }

    asio::awaitable<HttpAnswer> send(HttpRequest request) {
        Transfer transfer(executor_);
        prepare(transfer, request);
        const Removal removal{*this, transfer};  // also when the coroutine is destroyed while it waits
        curl_multi_add_handle(multi_, transfer.easy);
        while (!transfer.finished)
            co_await transfer.done.async_wait(asio::as_tuple(asio::use_awaitable));
        conclude(transfer);
        co_return std::move(transfer.answer);
    }

private:
    struct Removal {
        Engine& engine;
        Transfer& transfer;
        ~Removal() { engine.recycle(transfer); }
    };

    /// A watched socket of curl's. Ours is a dup(), so neither side can close the other's descriptor.
    struct Watch {
        Watch(const asio::any_io_executor& executor, curl_socket_t original)
            : socket(executor, ::dup(original)), curl_socket(original) {}
        asio::posix::stream_descriptor socket;
        curl_socket_t curl_socket;
        int wanted = 0;
        bool reading = false, writing = false;
    };

    void prepare(Transfer& transfer, const HttpRequest& request);
    void conclude(Transfer& transfer);
    void recycle(Transfer& transfer);
    void collect_finished();
    void drive(curl_socket_t socket, int events);
    void watch(const std::shared_ptr<Watch>& watched);
    static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void*);
    static int on_timer(CURLM*, long timeout_ms, void* user);

    asio::any_io_executor executor_;
    asio::steady_timer timer_;
    CURLM* multi_ = nullptr;
    std::vector<CURL*> idle_;
    std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    bool closing_ = false;
};

void HttpClient::Engine::prepare(Transfer& transfer, const HttpRequest& request) {
    if (idle_.empty())
        transfer.easy = curl_easy_init();
    else {
        transfer.easy = idle_.back();
        idle_.pop_back();
    }
    CURL* const easy = transfer.easy;
    const auto set = [easy](auto option, auto value) { curl_easy_setopt(easy, option, value); };
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(CURLOPT_MAXAGE_CONN, connection_age_s);
    set(CURLOPT_PRIVATE, &transfer);
    set(CURLOPT_WRITEFUNCTION, &keep_body);
    set(CURLOPT_WRITEDATA, &transfer);
    for (const auto& [name, value] : request.headers)
        transfer.headers = curl_slist_append(transfer.headers, (name + ": " + value).c_str());
    transfer.headers = curl_slist_append(transfer.headers, "Expect:");  // no 100-continue round trip
    set(CURLOPT_HTTPHEADER, transfer.headers);
    if (!request.basic_user.empty()) {
        set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        set(CURLOPT_USERNAME, request.basic_user.c_str());
        set(CURLOPT_PASSWORD, request.basic_password.c_str());
    }
    if (request.method == "POST") {
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
        set(CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
}

void HttpClient::Engine::conclude(Transfer& transfer) {
    auto& answer = transfer.answer;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &answer.status);
    if (transfer.code == CURLE_OK) {
        answer.kind = HttpAnswer::Kind::answered;
        return;
    }
    answer.error = curl_easy_strerror(transfer.code);
    curl_off_t connected_us = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    const bool arrived = !cannot_have_arrived(transfer.code) && connected_us > 0;
    answer.kind = arrived ? HttpAnswer::Kind::lost : HttpAnswer::Kind::not_sent;
}

void HttpClient::Engine::recycle(Transfer& transfer) {
    curl_multi_remove_handle(multi_, transfer.easy);
    curl_slist_free_all(transfer.headers);
    curl_easy_reset(transfer.easy);
    idle_.push_back(transfer.easy);
}

void HttpClient::Engine::collect_finished() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        Transfer* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        transfer->code = message->data.result;
        transfer->finished = true;
        transfer->done.cancel();
    }
}

void HttpClient::Engine::drive(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, socket, events, &running);
    collect_finished();
}

// One wait per direction is outstanding as long as curl wants it.
void HttpClient::Engine::watch(const std::shared_ptr<Watch>& watched) {
    const auto arm = [this, watched](bool Watch::* armed, int direction, auto kind) {
        if (!(watched->wanted & direction) || (*watched).*armed) return;
        (*watched).*armed = true;
        watched->socket.async_wait(kind, [this, watched, armed, direction](boost::system::error_code error) {
            (*watched).*armed = false;
            if (error == asio::error::operation_aborted || closing_) return;
            if (!(watched->wanted & direction)) return;
            const int event = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
            drive(watched->curl_socket, error ? CURL_CSELECT_ERR : event);
            watch(watched);
        });
    };
    arm(&Watch::reading, CURL_POLL_IN, asio::posix::stream_descriptor::wait_read);
    arm(&Watch::writing, CURL_POLL_OUT, asio::posix::stream_descriptor::wait_write);
}

int HttpClient::Engine::on_socket(CURL*, curl_socket_t socket, int what, void* user, void*) {
    auto& self = *static_cast<Engine*>(user);
    if (self.closing_) return 0;
    auto& watched = self.watches_[socket];
    if (what == CURL_POLL_REMOVE) {
        if (watched) {
            watched->wanted = 0;
            watched->socket.close();
        }
        self.watches_.erase(socket);
        return 0;
    }
    if (!watched) watched = std::make_shared<Watch>(self.executor_, socket);
    watched->wanted = what & CURL_POLL_INOUT;
    self.watch(watched);
    return 0;
}

int HttpClient::Engine::on_timer(CURLM*, long timeout_ms, void* user) {
    auto& self = *static_cast<Engine*>(user);
    if (timeout_ms < 0 || self.closing_) {
        self.timer_.cancel();
        return 0;
    }
    // Never call curl from inside its callback: even 0 ms goes through the timer.
    self.timer_.expires_after(std::chrono::milliseconds(timeout_ms));
    self.timer_.async_wait([&self](boost::system::error_code error) {
        if (!error && !self.closing_) self.drive(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
}

HttpClient::HttpClient(asio::any_io_executor executor)
    : engine_(std::make_unique<Engine>(std::move(executor))) {}
HttpClient::~HttpClient() = default;

asio::awaitable<HttpAnswer> HttpClient::send(HttpRequest request) {
    return engine_->send(std::move(request));
}

}  // namespace notify::provider
