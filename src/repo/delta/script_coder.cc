#include "repo/delta/script_coder.h"

#include "repo/codec/byte_reader.h"

namespace tidemark::repo {

void StepModel::put(const ScriptStep& step, BitEncoder& out) {
  const auto kind = static_cast<unsigned>(step.step);
  unsigned node = 1;
  for (unsigned bit = kKindBits; bit-- > 0;) {
    const bool set = (kind >> bit & 1) != 0;
    out.put(set, kinds_[last_][node]);
    node = node << 1 | (set ? 1 : 0);
  }
  last_ = kind;
  const bool is_distance = step.step == RowStep::borrow;
  counts_[kind].put(
      is_distance ? fold_sign(step.count) : static_cast<std::uint64_t>(step.count - 1), out);
}

ScriptStep StepModel::take(BitDecoder& in) {
  unsigned node = 1;
  for (unsigned bit = 0; bit < kKindBits; ++bit)
    node = node << 1 | (in.take(kinds_[last_][node]) ? 1 : 0);
  const unsigned kind = node - (1u << kKindBits);
  last_ = kind;
  const std::uint64_t number = counts_[kind].take(in);
  const auto step = static_cast<RowStep>(kind);
  if (step == RowStep::borrow) return {step, unfold_sign(number)};
  return {step, static_cast<std::int64_t>(std::min(number, std::uint64_t{UINT32_MAX}) + 1)};
}

}  // namespace tidemark::repo
