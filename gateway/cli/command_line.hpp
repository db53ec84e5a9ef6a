// Reads the command line (CLI11, only in the .cpp) and runs the command it names.
#pragma once

namespace gateway::cli {

/// The process's exit code: 0 done, 1 failed, 2 usage.
int run(int argc, char** argv);

}  // namespace gateway::cli
