#include "tests/bench/daemon_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

std::string output_of(const std::string& command) {
    FILE* const pipe = ::popen(command.c_str(), "r");
    std::array<char, 256> line{};
    const bool read = pipe && std::fgets(line.data(), line.size(), pipe);
    if (!pipe || ::pclose(pipe) != 0 || !read) throw std::runtime_error("cannot run " + command);
    std::string text = line.data();
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::string configuration(std::uint16_t telecom_port) {
    return fmt::format(
        R"([server]
listen = "127.0.0.1:0"
[storage]
url = "sqlite:hoiam.db"
[organisation]
name = "UBND thị xã Tân Uyên"
units = "units/tan-uyen.csv"
[[provider]]
profile = "generic"
base_url = "http://127.0.0.1:{}"
rate = 100000
in_flight = 256
settings = {{ api_key = "bench", hook_token = "bench", sender = "8079" }}
[inbound]
number = "8079"
[notify]
coalesce = "0s"
hours = "00:00-24:00"
[survey]
on = false
)",
        telecom_port
    );
}

// The daemon logs where it listens: "listen":"127.0.0.1:PORT".
std::uint16_t port_from_log(const std::filesystem::path& log) {
    constexpr std::string_view mark = "\"listen\":\"127.0.0.1:";
    for (int tries = 0; tries < 3000; ++tries) {
        std::ifstream in(log);
        const std::string text((std::istreambuf_iterator<char>(in)), {});
        const auto at = text.find(mark);
        if (at != std::string::npos)
            return static_cast<std::uint16_t>(std::stoi(text.substr(at + mark.size())));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("the daemon did not start; see " + log.string());
}

}  // namespace

DaemonProcess::DaemonProcess(std::filesystem::path binary, std::uint16_t telecom_port) {
    std::string pattern = (std::filesystem::temp_directory_path() / "hoiam-bench-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const auto file = folder_ / "hoiam.toml";
    std::ofstream(file) << configuration(telecom_port);
    key_ =
        output_of(fmt::format("{} --config {} key add bench --role admin", binary.string(), file.string()));
    const auto log = folder_ / "log";
    process_ = ::fork();
    if (process_ == 0) {
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(out, STDERR_FILENO);
        ::execl(binary.c_str(), "hoiam", "serve", "--config", file.c_str(), nullptr);
        ::_exit(127);
    }
    port_ = port_from_log(log);
}

DaemonProcess::~DaemonProcess() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
}

std::string DaemonProcess::url() const {
    return fmt::format("http://127.0.0.1:{}", port_);
}

Cost DaemonProcess::cost() const {
    Cost cost;
    std::ifstream stat(fmt::format("/proc/{}/stat", process_));
    std::string text((std::istreambuf_iterator<char>(stat)), {});
    text = text.substr(text.rfind(')') + 2);
    std::array<long, 13> fields{};
    char state = 0;
    std::sscanf(
        text.c_str(), "%c %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld", &state, &fields[0], &fields[1],
        &fields[2], &fields[3], &fields[4], &fields[5], &fields[6], &fields[7], &fields[8], &fields[9],
        &fields[10], &fields[11]
    );
    cost.cpu_seconds =
        static_cast<double>(fields[10] + fields[11]) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::ifstream status(fmt::format("/proc/{}/status", process_));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) cost.resident_mib = std::stod(line.substr(6)) / 1024;
    return cost;
}

}  // namespace bench
