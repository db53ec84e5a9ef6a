# Writes FILE into OUT as the byte array behind gateway::api::openapi_json().
file(READ ${FILE} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "#include <string_view>\nnamespace gateway::api {\n"
     "static const unsigned char file[] = {${bytes}0};\nstd::string_view openapi_json();\n"
     "std::string_view openapi_json() { return {reinterpret_cast<const char*>(file), sizeof file - 1}; }\n}\n")
