// The end of a process at a chosen place: preloaded (LD_PRELOAD), it sends itself SIGKILL instead of its n-th
// step that changes files, n being HOIAM_TEST_KILL_AT (1: the first). For commands whose every step can be
// tried in turn.
#include <dlfcn.h>
#include <sys/types.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace {

void step() {
    static const char* const wanted = std::getenv("HOIAM_TEST_KILL_AT");
    static const long last = wanted ? std::atol(wanted) : 0;
    static std::atomic<long> steps = 0;
    if (++steps == last) std::raise(SIGKILL);
}

template <typename Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define STEP(result, name, parameters, arguments)                   \
    extern "C" result name parameters {                             \
        static const auto next = real<result(*) parameters>(#name); \
        step();                                                     \
        return next arguments;                                      \
    }

STEP(ssize_t, write, (int file, const void* bytes, size_t size), (file, bytes, size))
STEP(ssize_t, pwrite, (int file, const void* bytes, size_t size, off_t at), (file, bytes, size, at))
STEP(ssize_t, pwrite64, (int file, const void* bytes, size_t size, off64_t at), (file, bytes, size, at))
STEP(int, ftruncate, (int file, off_t size), (file, size))
STEP(int, ftruncate64, (int file, off64_t size), (file, size))
STEP(int, fsync, (int file), (file))
STEP(int, fdatasync, (int file), (file))
STEP(int, link, (const char* from, const char* to), (from, to))
STEP(int, rename, (const char* from, const char* to), (from, to))
STEP(
    int, renameat2, (int folder, const char* from, int other, const char* to, unsigned flags),
    (folder, from, other, to, flags)
)
STEP(int, unlink, (const char* path), (path))
STEP(int, remove, (const char* path), (path))
