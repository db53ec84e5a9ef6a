// Scanning: letters become raw tokens: runs of letters, numbers with what clings to them ("8h30", "300k",
// "28/11/2018", "4/5"), dossier codes, phone numbers and emojis, each knowing what punctuation stands before
// it. Used by Folder only. Pure.
#pragma once

#include <vector>

#include "survey/text/fold.hpp"

namespace survey::text {

// Words come out as typed; spelling them out is the Folder's work.
Folded scan(const std::vector<Letter>& letters);

}  // namespace survey::text
