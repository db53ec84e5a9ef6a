// A disk that fails, as a SQLite VFS over the default one: it forgets at a power cut what was not synced (or
// keeps some of it, torn, as the seed says), answers the n-th operation with an error, or stands still.
// While one lives it is the default VFS of the process, so the store under test needs no word about it.
// Databases and their logs are real files; what would be on the platter is kept beside them in memory.
// Any thread; the tests arm faults while no step runs.
#pragma once

#include <sqlite3.h>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace sim {

enum class DiskStep { read, write, sync, truncate, open, lock, shared_memory };
constexpr int disk_steps = 7;

class FaultyVfs {
public:
    FaultyVfs();
    ~FaultyVfs();  // every file must be closed by then
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    /// Forgets all faults and counts; what is on disk now is taken as safe.
    void reset();
    int count(DiskStep step) const;

    enum class Moment { before, after };
    /// The power fails at the n-th step of this kind from now (0: the next); from then on nothing works.
    void cut_power(DiskStep step, int nth, Moment moment);
    bool dark() const;
    /// After all files were closed: puts on disk what may have survived, and works again.
    void restore_power(std::uint64_t seed);

    /// The steps nth … nth + times - 1 of this kind fail with SQLite's code; a write then did half of its
    /// work, and what a failed sync should have saved is lost at the next power cut.
    void fail(DiskStep step, int nth, int times, int code);
    int failures() const;

    /// Syncs do not return until they are let go.
    void hold_syncs();
    void let_syncs_go();
    /// Returns once a sync stands still.
    void wait_for_a_held_sync();

private:
    struct File;
    struct Methods;
    struct Change {
        enum class Kind { write, truncate, remove } kind;
        std::int64_t at;  // of a truncation: the size
        std::string data;
    };
    /// A file as the platter has it, and what was done since.
    struct Platter {
        bool exists = false;
        std::string content;
        std::vector<Change> unsynced;
    };

    static FaultyVfs& of(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }
    static const sqlite3_io_methods& methods();
    static int open(sqlite3_vfs*, const char* name, sqlite3_file*, int flags, int* out_flags);
    static int remove(sqlite3_vfs*, const char* name, int sync_folder);
    static int access(sqlite3_vfs*, const char* name, int flags, int* result);
    static int full_path(sqlite3_vfs*, const char* name, int size, char* out);

    /// The code with which this step fails, or SQLITE_OK; counts it.
    int begin(DiskStep step);
    void end(DiskStep step);
    bool at_cut(DiskStep step, Moment moment) const;
    void changed(const std::string& path, Change change);
    int sync(File& file);
    void keep_removals();
    void put_back(const std::string& path, const Platter& platter, std::mt19937_64& random) const;

    struct Cut {
        DiskStep step;
        int nth;
        Moment moment;
    };
    struct Failure {
        DiskStep step;
        int nth, times, code;
    };

    sqlite3_vfs vfs_{};
    sqlite3_vfs* real_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Platter> platters_;
    std::array<int, disk_steps> counts_{};
    std::optional<Cut> cut_;
    std::optional<Failure> failure_;
    int open_files_ = 0, failures_ = 0, held_ = 0;
    bool dark_ = false, holding_ = false;
};

}  // namespace sim
