// Turns Vietnamese into the plain ASCII that people have always typed in SMS: "Đã trả kết quả" becomes
// "Da tra ket qua". Every Vietnamese letter is covered in NFC, NFD and mixed form, and so are the characters
// that text editors slip in (curly quotes, long dashes, the ellipsis, no-break spaces, full-width digits).
// Case is kept, other scripts stay as they are, a byte that is not UTF-8 becomes "?". Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace notify::sms {

std::string unaccent(std::string_view utf8);

}  // namespace notify::sms
