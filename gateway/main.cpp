// The one binary. What goes wrong beyond repair ends here in one line.
#include "gateway/cli/command_line.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
    try {
        return gateway::cli::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "hoiam: %s\n", error.what());
        return 1;
    }
}
