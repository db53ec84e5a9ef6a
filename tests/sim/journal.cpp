#include "tests/sim/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <system_error>

#include "tests/sim/times.hpp"
#include "tests/sim/wire.hpp"

namespace sim {
namespace {

int open_file(const std::filesystem::path& path, int flags) {
    const int file = ::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) throw std::system_error(errno, std::generic_category(), path.string());
    return file;
}

void write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written < 0) throw std::system_error(errno, std::generic_category(), "the town's journal");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

Journal::Journal(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    read_messages(folder / "accepted.jsonl");
    read_mark(folder / "mark");
    messages_file_ = open_file(folder / "accepted.jsonl", O_WRONLY | O_APPEND);
    mark_file_ = open_file(folder / "mark", O_WRONLY);
    replies_.open(folder / "replies.tsv", std::ios::trunc);
    replies_ << "at\tphone\tkind\tmeant\ttext\n";
}

Journal::~Journal() {
    ::close(messages_file_);
    ::close(mark_file_);
}

void Journal::read_messages(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::uintmax_t good = 0;
    for (std::string line; std::getline(file, line);) {
        const auto entry = json_object(line);
        const auto at = entry ? parse_rfc3339(text_of(*entry, "at")) : std::nullopt;
        if (!at || file.eof()) break;  // the line at which the last run was killed
        messages_.push_back(
            {.provider = text_of(*entry, "provider"),
             .request_id = text_of(*entry, "request_id"),
             .id = text_of(*entry, "id"),
             .phone = text_of(*entry, "phone"),
             .text = text_of(*entry, "text"),
             .report_url = text_of(*entry, "report_url"),
             .at = *at}
        );
        good += line.size() + 1;
    }
    file.close();
    if (std::filesystem::exists(path)) std::filesystem::resize_file(path, good);
}

void Journal::read_mark(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string line;
    if (std::getline(file, line)) mark_ = parse_rfc3339(line);
}

void Journal::append(const Message& message) {
    const boost::json::object entry{
        {"at", rfc3339(message.at)},        {"provider", message.provider},
        {"request_id", message.request_id}, {"id", message.id},
        {"phone", message.phone},           {"text", message.text},
        {"report_url", message.report_url},
    };
    write_all(messages_file_, boost::json::serialize(entry) + "\n");
}

void Journal::set_mark(TimePoint mark) {
    mark_ = mark;
    const auto text = rfc3339(mark) + "\n";  // always as long, so one write replaces it
    if (::pwrite(mark_file_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        throw std::system_error(errno, std::generic_category(), "the town's mark");
    }
}

void Journal::append_reply(TimePoint at, const Reply& reply) {
    replies_ << fmt::format(
        "{}\t{}\t{}\t{}\t{}\n", rfc3339(at), reply.from, reply.kind, reply.label, reply.text
    );
    replies_.flush();
}

}  // namespace sim
