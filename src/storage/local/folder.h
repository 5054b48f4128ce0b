// Paths inside a folder, and the system calls on folders that LocalStore is made of.
//
// Where a function fails, errno says why.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/time.h"

namespace tidemark::storage {

inline constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// "a/b" of "a/b/c", and empty of "a".
std::string_view folder_of(std::string_view key);
std::string name_of(std::string_view key);
std::string joined(std::string_view folder, std::string_view name);
// Takes the first part off a path.
std::string take_part(std::string_view& path);

TimePoint time_of(const timespec& time);
bool is_same_file(const struct stat& a, const struct stat& b);

// The names in a folder that can be parts of a key, each once.
std::optional<std::vector<std::string>> names_in(const Fd& folder);

// Makes the names in it durable.
bool sync_folder(const Fd& folder);

// Moves a file from one folder to another unless the name is taken. 0, or the error's number.
int move_unless_taken(const Fd& from, const std::string& old_name, const Fd& to,
                      const std::string& name);

// The same for file systems that have no such move, as NFS: by a second name for the file.
int link_unless_taken(const Fd& from, const std::string& old_name, const Fd& to,
                      const std::string& name);

}  // namespace tidemark::storage
