#include "notify/provider/http_client.hpp"

#include <curl/curl.h>
#include <sys/epoll.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <unordered_map>

namespace notify::provider {

namespace asio = boost::asio;
using Instant = std::chrono::steady_clock::time_point;

namespace {

constexpr std::size_t largest_answer = 256 * 1024;  // a telecom's answer is a few hundred bytes
constexpr long connect_timeout_ms = 10'000;
constexpr long connection_age_s = 300;

struct Global {
    Global() { curl_global_init(CURL_GLOBAL_DEFAULT); }
};

/// One transfer, owned by the coroutine that awaits it.
struct Transfer {
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    HttpAnswer answer;
    CURLcode code = CURLE_OK;
    bool begun = false;
};

std::size_t keep_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& body = static_cast<Transfer*>(user)->answer.body;
    if (body.size() + size * count > largest_answer) return 0;
    body.append(data, size * count);
    return size * count;
}

// curl repeats a request by itself when a kept connection breaks before the answer: the other side may have
// taken the first one, so the second is refused and the answer counts as lost.
int begin_once(void* user, char*, char*, int, int) {
    return std::exchange(static_cast<Transfer*>(user)->begun, true) ? CURL_PREREQFUNC_ABORT
                                                                    : CURL_PREREQFUNC_OK;
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

/// Options that are the same for every request; the handle keeps them.
CURL* new_handle() {
    CURL* const easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, connection_age_s);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &keep_body);
    return easy;
}

}  // namespace

// curl's sockets live in an epoll set of their own, and Asio watches that set as one descriptor: curl adds
// and removes sockets with every transfer, which costs Asio's own descriptors several times as much.
class HttpClient::Engine {
public:
    Engine(asio::any_io_executor executor, long kept_connections)
        : sockets_(executor, new_epoll()), timer_(executor), executor_(std::move(executor)) {
        static const Global global;
        multi_ = curl_multi_init();
        // Else curl keeps four for each request that is under way just then, and after a lull the next ones
        // begin with a TCP and a TLS handshake.
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kept_connections);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Engine::on_socket);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Engine::on_timer);
        curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine() {
        closing_ = true;
        waiting_.clear();  // destroys the coroutines that wait, which recycle their handles
        for (CURL* easy : idle_)
            curl_easy_cleanup(easy);
        curl_multi_cleanup(multi_);
    }

    asio::awaitable<HttpAnswer> send(HttpRequest request) {
        Transfer transfer;
        prepare(transfer, request);
        const Removal removal{*this, transfer};  // also when the coroutine is destroyed while it waits
        co_await finished(transfer);
        conclude(transfer);
        co_return std::move(transfer.answer);
    }

private:
    struct Removal {
        Engine& engine;
        Transfer& transfer;
        ~Removal() { engine.recycle(transfer); }
    };

    static int new_epoll();
    void prepare(Transfer& transfer, const HttpRequest& request);
    asio::awaitable<void> finished(Transfer& transfer);
    void conclude(Transfer& transfer);
    void recycle(Transfer& transfer);
    void wait_for_sockets();
    void drive(curl_socket_t socket, int events);
    void collect_finished();
    void drive_soon();
    void sleep_until(Instant deadline);
    static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void* known);
    static int on_timer(CURLM*, long timeout_ms, void* user);

    asio::posix::stream_descriptor sockets_;
    asio::steady_timer timer_;
    asio::any_io_executor executor_;
    CURLM* multi_ = nullptr;
    std::vector<CURL*> idle_;
    std::unordered_map<CURL*, std::move_only_function<void()>> waiting_;  // coroutines, by their transfer
    std::optional<Instant> deadline_;                                     // when curl wants to be called
    std::optional<Instant> armed_;                                        // when the timer will ring
    bool watching_ = false, driving_soon_ = false, closing_ = false;
};

int HttpClient::Engine::new_epoll() {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return epoll;
}

void HttpClient::Engine::prepare(Transfer& transfer, const HttpRequest& request) {
    if (idle_.empty()) idle_.push_back(new_handle());
    transfer.easy = idle_.back();
    idle_.pop_back();
    CURL* const easy = transfer.easy;
    const auto set = [easy](auto option, auto value) { curl_easy_setopt(easy, option, value); };
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(CURLOPT_PRIVATE, &transfer);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_PREREQFUNCTION, &begin_once);
    set(CURLOPT_PREREQDATA, &transfer);
    for (const auto& [name, value] : request.headers)
        transfer.headers = curl_slist_append(transfer.headers, (name + ": " + value).c_str());
    transfer.headers = curl_slist_append(transfer.headers, "Expect:");  // no 100-continue round trip
    set(CURLOPT_HTTPHEADER, transfer.headers);
    const bool basic = !request.basic_user.empty();
    set(CURLOPT_HTTPAUTH, basic ? CURLAUTH_BASIC : CURLAUTH_NONE);
    set(CURLOPT_USERNAME, basic ? request.basic_user.c_str() : nullptr);
    set(CURLOPT_PASSWORD, basic ? request.basic_password.c_str() : nullptr);
    if (request.method == "POST") {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
        set(CURLOPT_POSTFIELDS, request.body.c_str());  // not copied: the request outlives the transfer
    } else {
        set(CURLOPT_HTTPGET, 1L);
    }
}

asio::awaitable<void> HttpClient::Engine::finished(Transfer& transfer) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this, &transfer](auto handler) {
            waiting_.emplace(transfer.easy, [h = std::move(handler)]() mutable { std::move(h)(); });
            curl_multi_add_handle(multi_, transfer.easy);
        },
        asio::use_awaitable
    );
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
    curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDS, nullptr);
    curl_slist_free_all(transfer.headers);
    idle_.push_back(transfer.easy);
}

// One wait on the whole set is outstanding as long as curl watches any socket.
void HttpClient::Engine::wait_for_sockets() {
    if (watching_) return;
    watching_ = true;
    sockets_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
        watching_ = false;
        if (error || closing_) return;
        std::array<epoll_event, 64> events{};
        const int count = ::epoll_wait(sockets_.native_handle(), events.data(), events.size(), 0);
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            const int in = event.events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0;
            const int out = event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
            const int failed = event.events & EPOLLERR ? CURL_CSELECT_ERR : 0;
            drive(event.data.fd, in | out | failed);
        }
        collect_finished();
        wait_for_sockets();
    });
}

void HttpClient::Engine::drive(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, socket, events, &running);
}

// Resumes each finished transfer's coroutine, which may start the next transfer at once.
void HttpClient::Engine::collect_finished() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        Transfer* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        transfer->code = message->data.result;
        auto resume = std::move(waiting_.extract(transfer->easy).mapped());
        resume();
    }
}

// Never from inside curl's callback, and once for all transfers that were added together.
void HttpClient::Engine::drive_soon() {
    if (driving_soon_) return;
    driving_soon_ = true;
    asio::post(executor_, [this] {
        driving_soon_ = false;
        if (closing_) return;
        deadline_.reset();
        drive(CURL_SOCKET_TIMEOUT, 0);
        // curl does not repeat a deadline that it has told already.
        long next_ms = -1;
        curl_multi_timeout(multi_, &next_ms);
        if (!deadline_) on_timer(multi_, next_ms, this);
        collect_finished();
    });
}

// With every transfer curl moves its deadline to a later one. The timer is left to ring at the earlier time,
// which is cheaper than setting it anew.
void HttpClient::Engine::sleep_until(Instant deadline) {
    deadline_ = deadline;
    if (armed_ && *armed_ <= deadline) return;
    armed_ = deadline;
    timer_.expires_at(deadline);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error || closing_) return;  // set to an earlier time, which has its own wait
        armed_.reset();
        if (!deadline_) return;
        if (std::chrono::steady_clock::now() < *deadline_)
            sleep_until(*deadline_);
        else
            drive_soon();
    });
}

int HttpClient::Engine::on_socket(CURL*, curl_socket_t socket, int what, void* user, void* known) {
    auto& self = *static_cast<Engine*>(user);
    if (self.closing_) return 0;
    const int epoll = self.sockets_.native_handle();
    if (what == CURL_POLL_REMOVE) {
        ::epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr);
        return 0;
    }
    const std::uint32_t in = what & CURL_POLL_IN ? EPOLLIN : 0U, out = what & CURL_POLL_OUT ? EPOLLOUT : 0U;
    epoll_event event{.events = in | out, .data = {.fd = socket}};
    ::epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    if (!known) curl_multi_assign(self.multi_, socket, &self);
    self.wait_for_sockets();
    return 0;
}

int HttpClient::Engine::on_timer(CURLM*, long timeout_ms, void* user) {
    auto& self = *static_cast<Engine*>(user);
    self.deadline_.reset();
    if (self.closing_ || timeout_ms < 0) return 0;
    if (timeout_ms == 0)
        self.drive_soon();
    else
        self.sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms));
    return 0;
}

HttpClient::HttpClient(asio::any_io_executor executor, int kept_connections)
    : engine_(std::make_unique<Engine>(std::move(executor), kept_connections)) {}
HttpClient::~HttpClient() = default;

asio::awaitable<HttpAnswer> HttpClient::send(HttpRequest request) {
    return engine_->send(std::move(request));
}

}  // namespace notify::provider
