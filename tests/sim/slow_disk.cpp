// A slow disk for the daemon: preloaded (LD_PRELOAD), it lets every fsync() and fdatasync() take as many
// milliseconds more as HOIAM_TEST_SYNC_MS says.
#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

int slow(const char* name, int file) {
    static const char* const more = std::getenv("HOIAM_TEST_SYNC_MS");
    std::this_thread::sleep_for(std::chrono::milliseconds(more ? std::atoi(more) : 0));
    return reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" int fsync(int file) {
    return slow("fsync", file);
}

extern "C" int fdatasync(int file) {
    return slow("fdatasync", file);
}
