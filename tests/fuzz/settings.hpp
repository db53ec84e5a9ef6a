// The configuration that the fuzz targets run under: every shipped profile with its secrets, and the shipped
// texts, questionnaire, lexicon and units. Loaded once per process.
#pragma once

#include "config/load.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace fuzz {

inline constexpr std::string_view hook_token = "hook-token-7Zq4";
inline constexpr std::string_view private_key = "private-key-x91";

inline constexpr std::string_view configuration = R"([organisation]
name = "UBND thị xã Tân Uyên"
sms_name = "UBND TX Tân Uyên"
units = "units/tan-uyen.csv"
[inbound]
number = "8079"
keyword = "TANUYEN"
[[provider]]
profile = "esms"
settings = { api_key = "K", secret_key = "S", brandname = "TAN UYEN", cpid = "hoiam", private_key = "private-key-x91", hook_token = "hook-token-7Zq4" }
[[provider]]
profile = "speedsms"
settings = { access_token = "tok", sender = "TAN UYEN", hook_token = "hook-token-7Zq4" }
[[provider]]
profile = "kannel"
settings = { username = "u", password = "p w", sender = "8079", hook_token = "hook-token-7Zq4" }
[[provider]]
profile = "generic"
base_url = "http://127.0.0.1:9"
settings = { api_key = "K", hook_token = "hook-token-7Zq4", sender = "8079" }
)";

/// A folder of this process, removed at its end.
class Folder {
public:
    Folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "hoiam-fuzz-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path write(const std::string& name, std::string_view content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

inline const config::Settings& settings() {
    static const config::Settings loaded = [] {
        const Folder folder;
        auto result = config::load(folder.write("hoiam.toml", configuration));
        if (!result)
            for (const auto& problem : result.error())
                std::fprintf(stderr, "%s\n", problem.c_str());
        return result.value();
    }();
    return loaded;
}

}  // namespace fuzz
