#include "tests/sim/faulty_vfs.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>

namespace sim {
namespace {

constexpr std::int64_t sector = 512;
constexpr int tracked = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void overwrite(std::string& content, std::int64_t at, std::string_view data) {
    const auto from = static_cast<std::size_t>(at);
    if (content.size() < from + data.size()) content.resize(from + data.size());
    content.replace(from, data.size(), data);
}

}  // namespace

/// Lies in memory that SQLite gave; the real file lies behind it.
struct FaultyVfs::File {
    sqlite3_file base;
    FaultyVfs* disk;
    std::string* path;  // null: a temporary file, which is none of our business
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
};

FaultyVfs::FaultyVfs() : real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = "faulty";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = &FaultyVfs::open;
    vfs_.xDelete = &FaultyVfs::remove;
    vfs_.xAccess = &FaultyVfs::access;
    vfs_.xFullPathname = &FaultyVfs::full_path;
    sqlite3_vfs_register(&vfs_, 1);
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
}

void FaultyVfs::reset() {
    const std::lock_guard lock(mutex_);
    for (auto& [path, platter] : platters_)
        platter = {std::filesystem::exists(path), content_of(path), {}};
    counts_ = {};
    cut_.reset();
    failure_.reset();
    failures_ = 0;
}

int FaultyVfs::count(DiskStep step) const {
    const std::lock_guard lock(mutex_);
    return counts_[static_cast<std::size_t>(step)];
}

void FaultyVfs::cut_power(DiskStep step, int nth, Moment moment) {
    const std::lock_guard lock(mutex_);
    cut_ = Cut{step, counts_[static_cast<std::size_t>(step)] + nth, moment};
}

bool FaultyVfs::dark() const {
    const std::lock_guard lock(mutex_);
    return dark_;
}

void FaultyVfs::fail(DiskStep step, int nth, int times, int code) {
    const std::lock_guard lock(mutex_);
    failure_ = Failure{step, counts_[static_cast<std::size_t>(step)] + nth, times, code};
    failures_ = 0;
}

int FaultyVfs::failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
}

void FaultyVfs::hold_syncs() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
}

void FaultyVfs::let_syncs_go() {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    changed_.notify_all();
}

void FaultyVfs::wait_for_a_held_sync() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_ > 0; });
}

bool FaultyVfs::at_cut(DiskStep step, Moment moment) const {
    return cut_ && cut_->step == step && cut_->moment == moment &&
           counts_[static_cast<std::size_t>(step)] == cut_->nth;
}

int FaultyVfs::begin(DiskStep step) {
    if (at_cut(step, Moment::before)) dark_ = true;
    if (dark_) return SQLITE_IOERR;
    const int number = counts_[static_cast<std::size_t>(step)];
    if (!failure_ || failure_->step != step) return SQLITE_OK;
    if (number < failure_->nth || number >= failure_->nth + failure_->times) return SQLITE_OK;
    ++counts_[static_cast<std::size_t>(step)];
    ++failures_;
    return failure_->code;
}

void FaultyVfs::end(DiskStep step) {
    if (at_cut(step, Moment::after)) dark_ = true;
    ++counts_[static_cast<std::size_t>(step)];
}

void FaultyVfs::changed(const std::string& path, Change change) {
    platters_[path].unsynced.push_back(std::move(change));
}

int FaultyVfs::sync(File& file) {
    std::unique_lock lock(mutex_);
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holding_; });
    --held_;
    auto& platter = platters_[*file.path];
    if (const int code = begin(DiskStep::sync)) {
        // As Linux does: the pages count as clean after a failed fsync, though nobody has written them.
        if (!dark_) platter.unsynced.clear();
        return code;
    }
    for (const auto& change : platter.unsynced) {
        platter.exists = change.kind != Change::Kind::remove;
        if (change.kind == Change::Kind::write)
            overwrite(platter.content, change.at, change.data);
        else
            platter.content.resize(static_cast<std::size_t>(change.at));
    }
    platter.unsynced.clear();
    platter.exists = true;
    keep_removals();
    end(DiskStep::sync);
    return dark_ ? SQLITE_IOERR : SQLITE_OK;
}

// As ext4 and xfs do, which write folders in order: a sync of one file brings earlier removals to the
// platter.
void FaultyVfs::keep_removals() {
    for (auto& [path, platter] : platters_) {
        auto& changes = platter.unsynced;
        const auto last =
            std::ranges::find(changes.rbegin(), changes.rend(), Change::Kind::remove, &Change::kind);
        if (last == changes.rend()) continue;
        changes.erase(changes.begin(), last.base());
        platter.exists = false;
        platter.content.clear();
    }
}

// Each unsynced change may have reached the platter or not, whole or in part, in any order.
void FaultyVfs::put_back(const std::string& path, const Platter& platter, std::mt19937_64& random) const {
    std::string content = platter.content;
    bool exists = platter.exists;
    const auto luck = random() % 4;  // none, all, or any of them
    const auto happens = [&] { return luck != 0 && (luck == 1 || random() % 2 == 0); };
    for (const auto& change : platter.unsynced) {
        if (change.kind == Change::Kind::write) {
            const auto size = static_cast<std::int64_t>(change.data.size());
            for (std::int64_t from = 0; from < size; from += sector) {
                if (!happens()) continue;
                const auto piece =
                    std::string_view(change.data).substr(static_cast<std::size_t>(from), sector);
                overwrite(content, change.at + from, piece);
                exists = true;
            }
        } else if (happens()) {
            content.resize(static_cast<std::size_t>(change.at));
            exists = change.kind != Change::Kind::remove;
        }
    }
    std::filesystem::remove(path);
    if (exists) std::ofstream(path, std::ios::binary) << content;
}

void FaultyVfs::restore_power(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    if (open_files_ != 0) throw std::logic_error("faulty_vfs: close the database first");
    std::mt19937_64 random(seed);
    for (const auto& [path, platter] : platters_) {
        put_back(path, platter, random);
        std::filesystem::remove(path + "-shm");
    }
    platters_.clear();
    cut_.reset();
    dark_ = false;
}

int FaultyVfs::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out_flags) {
    auto& disk = of(vfs);
    auto& file = File::of(base);
    file.base.pMethods = nullptr;
    const bool ours = name && (flags & tracked);
    const std::lock_guard lock(disk.mutex_);
    if (ours)
        if (const int code = disk.begin(DiskStep::open)) return code == SQLITE_IOERR ? SQLITE_CANTOPEN : code;
    const bool existed = ours && std::filesystem::exists(name);
    const int code = disk.real_->xOpen(disk.real_, name, file.real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    file.disk = &disk;
    file.path = ours ? new std::string(name) : nullptr;
    file.base.pMethods = &methods();
    if (!ours) return SQLITE_OK;
    ++disk.open_files_;
    if (!disk.platters_.contains(name)) disk.platters_[name] = {existed, content_of(name), {}};
    disk.end(DiskStep::open);
    return SQLITE_OK;
}

int FaultyVfs::remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    auto& disk = of(vfs);
    const std::lock_guard lock(disk.mutex_);
    if (disk.dark_) return SQLITE_IOERR_DELETE;
    const int code = disk.real_->xDelete(disk.real_, name, sync_folder);
    const auto found = disk.platters_.find(name);
    if (code != SQLITE_OK || found == disk.platters_.end()) return code;
    if (sync_folder)
        found->second = {};
    else
        found->second.unsynced.push_back({Change::Kind::remove, 0, {}});
    return SQLITE_OK;
}

int FaultyVfs::access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
    return of(vfs).real_->xAccess(of(vfs).real_, name, flags, result);
}

int FaultyVfs::full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
    return of(vfs).real_->xFullPathname(of(vfs).real_, name, size, out);
}

/// What SQLite calls on an open file.
struct FaultyVfs::Methods {
    static const sqlite3_io_methods& real(sqlite3_file* base) { return *File::of(base).real()->pMethods; }
    static sqlite3_file* below(sqlite3_file* base) { return File::of(base).real(); }

    static int close(sqlite3_file* base) {
        auto& file = File::of(base);
        const std::lock_guard lock(file.disk->mutex_);
        if (file.path) --file.disk->open_files_;
        delete file.path;
        return real(base).xClose(below(base));
    }
    static int read(sqlite3_file* base, void* to, int size, sqlite3_int64 at) {
        if (const int code = step(base, DiskStep::read)) return code;
        return real(base).xRead(below(base), to, size, at);
    }
    static int write(sqlite3_file* base, const void* from, int size, sqlite3_int64 at) {
        auto& file = File::of(base);
        if (!file.path) return real(base).xWrite(below(base), from, size, at);
        const std::lock_guard lock(file.disk->mutex_);
        const int code = file.disk->begin(DiskStep::write);
        if (file.disk->dark_) return code;
        const int done = code == SQLITE_OK ? size : size / 2;
        const std::string_view data(static_cast<const char*>(from), static_cast<std::size_t>(done));
        file.disk->changed(*file.path, {Change::Kind::write, at, std::string(data)});
        const int written = real(base).xWrite(below(base), from, done, at);
        if (code != SQLITE_OK) return code;
        file.disk->end(DiskStep::write);
        return file.disk->dark_ ? SQLITE_IOERR : written;
    }
    static int truncate(sqlite3_file* base, sqlite3_int64 size) {
        auto& file = File::of(base);
        if (const int code = step(base, DiskStep::truncate)) return code;
        if (file.path) {
            const std::lock_guard lock(file.disk->mutex_);
            file.disk->changed(*file.path, {Change::Kind::truncate, size, {}});
        }
        return real(base).xTruncate(below(base), size);
    }
    static int sync(sqlite3_file* base, int flags) {
        auto& file = File::of(base);
        return file.path ? file.disk->sync(file) : real(base).xSync(below(base), flags);
    }
    static int lock(sqlite3_file* base, int level) {
        if (const int code = step(base, DiskStep::lock)) return code;
        return real(base).xLock(below(base), level);
    }
    static int map_memory(sqlite3_file* base, int page, int size, int extend, void volatile** memory) {
        if (const int code = step(base, DiskStep::shared_memory)) return code;
        return real(base).xShmMap(below(base), page, size, extend, memory);
    }
    static int size(sqlite3_file* base, sqlite3_int64* size) {
        return real(base).xFileSize(below(base), size);
    }
    static int unlock(sqlite3_file* base, int level) { return real(base).xUnlock(below(base), level); }
    static int reserved(sqlite3_file* base, int* result) {
        return real(base).xCheckReservedLock(below(base), result);
    }
    static int control(sqlite3_file* base, int operation, void* argument) {
        return real(base).xFileControl(below(base), operation, argument);
    }
    static int sector_size(sqlite3_file* base) { return real(base).xSectorSize(below(base)); }
    static int traits(sqlite3_file* base) { return real(base).xDeviceCharacteristics(below(base)); }
    static int lock_memory(sqlite3_file* base, int offset, int count, int flags) {
        return real(base).xShmLock(below(base), offset, count, flags);
    }
    static void barrier(sqlite3_file* base) { real(base).xShmBarrier(below(base)); }
    static int unmap_memory(sqlite3_file* base, int erase) {
        return real(base).xShmUnmap(below(base), erase);
    }

    /// A step that happens whole or not at all.
    static int step(sqlite3_file* base, DiskStep step) {
        auto& file = File::of(base);
        if (!file.path) return SQLITE_OK;
        const std::lock_guard lock(file.disk->mutex_);
        const int code = file.disk->begin(step);
        if (code == SQLITE_OK) file.disk->end(step);
        return code;
    }
};

// Version 2: with shared memory for the log's index, without memory-mapped reads, which nobody could fail.
const sqlite3_io_methods& FaultyVfs::methods() {
    static const sqlite3_io_methods all = [] {
        sqlite3_io_methods m{};
        m.iVersion = 2;
        m.xClose = &Methods::close;
        m.xRead = &Methods::read;
        m.xWrite = &Methods::write;
        m.xTruncate = &Methods::truncate;
        m.xSync = &Methods::sync;
        m.xFileSize = &Methods::size;
        m.xLock = &Methods::lock;
        m.xUnlock = &Methods::unlock;
        m.xCheckReservedLock = &Methods::reserved;
        m.xFileControl = &Methods::control;
        m.xSectorSize = &Methods::sector_size;
        m.xDeviceCharacteristics = &Methods::traits;
        m.xShmMap = &Methods::map_memory;
        m.xShmLock = &Methods::lock_memory;
        m.xShmBarrier = &Methods::barrier;
        m.xShmUnmap = &Methods::unmap_memory;
        return m;
    }();
    return all;
}

}  // namespace sim
