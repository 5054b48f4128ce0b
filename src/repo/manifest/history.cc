#include "repo/manifest/history.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/limits.h"
#include "repo/name_list.h"

namespace tidemark::repo {
namespace {

constexpr std::string_view kLastSeenTitle = "tidemark last seen 1";

Archive summary_of(const ObjectName& name, const Manifest& manifest) {
  Archive archive{.name = name,
                  .sequence = manifest.sequence,
                  .previous = manifest.previous,
                  .moment = manifest.moment,
                  .written = manifest.written,
                  .source = manifest.source,
                  .tool_version = manifest.tool_version,
                  .facts = manifest.facts,
                  .streams = manifest.streams.size()};
  for (const Stream& stream : manifest.streams) {
    archive.rows += stream.rows;
    archive.bytes += stream.bytes;
  }
  return archive;
}

// Empty when it does not count.
Result<std::optional<Manifest>> open_manifest(const Access& access, const ObjectName& name) {
  const auto payload = TRY(access.open(ObjectType::manifest, name, kManifestBytesMax + kSealBytes));
  if (!payload) return std::optional<Manifest>();
  Result<Manifest> manifest = decode_manifest(*payload);
  if (!manifest) return in_context(shown(ObjectType::manifest, name), manifest.error());
  return std::optional(*std::move(manifest));
}

Status read_one(const Access& access, const ObjectName& name, History& history) {
  if (history.archives.contains(name)) return Done{};
  Result<std::optional<Manifest>> manifest = open_manifest(access, name);
  if (!manifest && manifest.error().kind == ErrorKind::not_found) return Done{};
  if (!manifest && manifest.error().kind == ErrorKind::corrupt) {
    history.damaged.push_back(manifest.error());
    history.unreadable.insert(name);
    return Done{};
  }
  if (!manifest) return manifest.error();
  if (*manifest)
    history.archives.emplace(name, summary_of(name, **manifest));
  else
    history.ignored.push_back(name);
  return Done{};
}

Status read_removals(const Access& access, History& history) {
  for (const ObjectName& name : TRY(names_of(access.store, ObjectType::removal))) {
    Result<std::optional<Bytes>> payload =
        access.open(ObjectType::removal, name, kSmallObjectBytesMax);
    if (!payload && payload.error().kind == ErrorKind::corrupt) {
      history.damaged.push_back(payload.error());
      continue;
    }
    if (!payload) return payload.error();
    if (!*payload) continue;
    for (const ObjectName& manifest : TRY(decode_removal(**payload)))
      history.removed.insert(manifest);
  }
  return Done{};
}

std::set<ObjectName> unexplained(const Access& access, const History& history) {
  std::set<ObjectName> missing;
  const auto look = [&](const ObjectName& name) {
    if (!history.knows(name)) missing.insert(name);
  };
  // The ring says what there was at a re-key; what was missing then was settled then.
  const auto& rung = access.ring.manifests;
  for (const auto& [name, archive] : history.archives)
    if (!std::binary_search(rung.begin(), rung.end(), name))
      std::for_each(archive.previous.begin(), archive.previous.end(), look);
  std::for_each(rung.begin(), rung.end(), look);
  return missing;
}

}  // namespace

std::vector<ObjectName> History::heads() const {
  std::set<ObjectName> heads;
  for (const auto& [name, archive] : archives) heads.insert(name);
  for (const auto& [name, archive] : archives)
    for (const ObjectName& before : archive.previous) heads.erase(before);
  return {heads.begin(), heads.end()};
}

bool History::knows(const ObjectName& name) const {
  return archives.contains(name) || removed.contains(name) || unreadable.contains(name);
}

Status History::complete() const {
  if (!damaged.empty()) {
    Error error = damaged.front();
    error.kind = ErrorKind::unsafe;
    error.hint = "run `tidemark check`; nothing is deleted while a manifest cannot be read";
    return error;
  }
  if (!missing.empty())
    return Error{ErrorKind::unsafe,
                 fmt::format("{} is missing: a later archive names it, and nobody removed it",
                             shown(ObjectType::manifest, *missing.begin())),
                 "find out who deleted it; restore it from an older version of the bucket"};
  return Done{};
}

Result<History> read_history(const Access& access) {
  History history;
  const auto names = TRY(names_of(access.store, ObjectType::manifest));
  for (const ObjectName& name : names) TRY(read_one(access, name, history));
  // Removals last: they are written before the manifests go, so none seems to be missing between.
  TRY(read_removals(access, history));
  for (const ObjectName& name : unexplained(access, history)) TRY(read_one(access, name, history));
  history.missing = unexplained(access, history);
  for (const ObjectName& name : history.removed) history.archives.erase(name);
  return history;
}

Result<Manifest> load_manifest(const Access& access, const ObjectName& name) {
  auto manifest = TRY(open_manifest(access, name));
  if (!manifest)
    return Error{ErrorKind::corrupt,
                 fmt::format("{} is of an earlier key generation, whose key ring does not name it",
                             shown(ObjectType::manifest, name))};
  return *std::move(manifest);
}

std::string encode_last_seen(const LastSeen& seen) {
  std::string text = fmt::format("{}\n{}\n", kLastSeenTitle, seen.repository.hex());
  for (const ObjectName& head : seen.heads) text += head.hex() + "\n";
  return text;
}

Result<LastSeen> decode_last_seen(std::string_view text) {
  const Error bad{ErrorKind::corrupt, "the note of what was seen last is not well formed",
                  "delete it; one check for deleted archives is lost"};
  std::vector<std::string_view> lines;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (!text.empty() || lines.size() < 2 || lines[0] != kLastSeenTitle) return bad;
  // An id of 16 bytes, read as half of one of 32.
  const auto half = ObjectName::from_hex(std::string(lines[1]) + std::string(32, '0'));
  if (!half) return bad;
  LastSeen seen;
  std::copy_n(half->bytes.begin(), RepositoryId::kBytes, seen.repository.bytes.begin());
  for (std::size_t i = 2; i < lines.size(); ++i) {
    const auto head = ObjectName::from_hex(lines[i]);
    if (!head) return bad;
    seen.heads.push_back(*head);
  }
  return seen;
}

Status check_last_seen(const LastSeen& seen, const History& history,
                       const RepositoryId& repository) {
  if (seen.repository != repository)
    return Error{ErrorKind::unsafe,
                 fmt::format("this is repository {}, and {} was here before", repository.hex(),
                             seen.repository.hex()),
                 "if it was replaced on purpose, delete the note of what was seen last"};
  for (const ObjectName& head : seen.heads) {
    if (history.knows(head)) continue;
    return Error{ErrorKind::unsafe,
                 fmt::format("{} was here before and is gone: the repository was rolled back",
                             shown(ObjectType::manifest, head)),
                 "restore it from an older version of the bucket, or accept the loss by deleting "
                 "the note of what was seen last"};
  }
  return Done{};
}

Bytes encode_removal(const std::vector<ObjectName>& manifests) {
  Bytes payload;
  put_names(payload, manifests);
  return payload;
}

Result<std::vector<ObjectName>> decode_removal(ByteView payload) {
  FieldReader reader(payload);
  std::vector<ObjectName> names = take_names(reader);
  if (!reader.at_end()) return Error{ErrorKind::corrupt, "the removal is not well formed"};
  return names;
}

}  // namespace tidemark::repo
