// Errors as application/problem+json (RFC 9457): status, a stable `code`, one sentence that says what would
// be right, and where several parts of a body are wrong an `errors` array with JSON pointers.
#pragma once

#include "gateway/http/message.hpp"
#include "notify/on_event.hpp"

namespace gateway::http {

struct Problem {
    int status = 400;
    std::string code, detail;
    std::vector<notify::Remark> errors = {};
};

Response problem(const Problem& problem);

}  // namespace gateway::http
