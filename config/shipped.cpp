#include "config/shipped.hpp"

#include <algorithm>

namespace config {

std::optional<std::string_view> shipped_file(std::string_view name) {
    const auto files = shipped_files();
    const auto found = std::ranges::find(files, name, &ShippedFile::name);
    if (found == files.end()) return std::nullopt;
    return found->content;
}

}  // namespace config
