// The files that come with Hồi Âm (texts, providers, questionnaires, units), compiled into the binary.
// The loader asks for them by their path below config/, for example "providers/esms.toml", when no file of
// that name lies beside the operator's configuration. Constant data: any thread may read it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace config {

struct ShippedFile {
    std::string_view name;
    std::string_view content;
};

std::span<const ShippedFile> shipped_files();

std::optional<std::string_view> shipped_file(std::string_view name);

}  // namespace config
