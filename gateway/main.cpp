// The one binary. What goes wrong beyond repair ends here in one line.
#include "gateway/cli/command_line.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

int main(int argc, char** argv) {
    try {
        const int result = gateway::cli::run(argc, argv);
        if (std::fflush(stdout) == 0) return result;
        std::fprintf(stderr, "hoiam: standard output cannot be written (%s)\n", std::strerror(errno));
        return 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "hoiam: %s\n", error.what());
        return 1;
    }
}
