// Reads a JSON fixture from tests/data. Tests only.
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace fixture {

inline boost::json::value load(const std::string& path) {
    std::ifstream file(std::string(HOIAM_TEST_DATA) + "/" + path);
    if (!file) throw std::runtime_error("no fixture " + path);
    std::stringstream text;
    text << file.rdbuf();
    return boost::json::parse(text.str());
}

inline std::string text(const boost::json::value& object, std::string_view key) {
    const auto& value = object.as_object().at(key);
    return value.is_null() ? std::string{} : std::string(value.as_string());
}

}  // namespace fixture
