// A hoiam daemon of one's own for a benchmark: starts it in a temporary folder with a generated configuration
// and a key, reads what it costs from /proc, and ends it by its process id.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace bench {

struct Cost {
    double cpu_seconds = 0;
    double resident_mib = 0;
};

class DaemonProcess {
public:
    DaemonProcess(std::filesystem::path binary, std::uint16_t telecom_port);
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;
    ~DaemonProcess();

    std::string url() const;
    const std::string& key() const { return key_; }
    Cost cost() const;

private:
    std::filesystem::path folder_;
    std::string key_;
    std::uint16_t port_ = 0;
    int process_ = -1;
};

}  // namespace bench
