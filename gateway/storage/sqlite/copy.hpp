// Whole copies of a database file, for `hoiam backup` and `hoiam restore`. A copy is made from one read
// transaction, so it holds one instant and no writer waits for it; it is written under another name and
// takes its own only when all of it is on disk. Errors are one sentence each, without the file's name.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

namespace gateway::storage {

/// A file being written beside the place it is for; removed unless it was kept.
class PartialFile {
public:
    /// The file is this process's alone, readable by its user only.
    static std::expected<PartialFile, std::string> create(std::filesystem::path path);
    PartialFile(PartialFile&& other) noexcept;
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;
    ~PartialFile();

    const std::filesystem::path& path() const { return path_; }
    std::int64_t size() const;
    /// Owner and mode of the file whose place it will take.
    void look_like(const struct stat& former) const;
    /// Synced and renamed; `replace` says whether a file of that name gives way.
    std::expected<void, std::string> keep_as(const std::filesystem::path& name, bool replace);

private:
    PartialFile(std::filesystem::path path, int descriptor)
        : path_(std::move(path)), descriptor_(descriptor) {}
    std::filesystem::path path_;
    int descriptor_;
};

/// The folder's entries are on disk.
void sync_folder(const std::filesystem::path& file);

enum class Source { live, at_rest };  // at rest: nobody writes to it, it may lie on a read-only disk

/// `to` becomes one file without a log beside it.
std::expected<void, std::string> copy_database(
    const std::filesystem::path& from, Source source, const std::filesystem::path& to
);

/// The schema of a whole database of Hồi Âm that this version knows; else why it is none.
std::expected<int, std::string> inspect(const std::filesystem::path& file);

}  // namespace gateway::storage
