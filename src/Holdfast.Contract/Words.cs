// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Contract;

/// <summary>Enum members as the wire has them: SuperblockRead is "superblock_read".</summary>
public static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum => WordList<T>.Words[value];

    public static bool TryParse<T>(string? word, out T value)
        where T : struct, Enum
    {
        value = default;
        return word is not null && WordList<T>.Values.TryGetValue(word, out value);
    }

    /// <summary>All words, for messages.</summary>
    public static string All<T>()
        where T : struct, Enum => string.Join(", ", WordList<T>.Values.Keys);

    private static class WordList<T>
        where T : struct, Enum
    {
        internal static readonly Dictionary<T, string> Words = Enum.GetValues<T>().Distinct().ToDictionary(
            at => at, Word);
        internal static readonly Dictionary<string, T> Values = Words.ToDictionary(at => at.Value, at => at.Key);

        private static string Word(T value)
        {
            var word = new StringBuilder();
            foreach (char letter in value.ToString())
            {
                if (char.IsUpper(letter) && word.Length > 0) word.Append('_');
                word.Append(char.ToLowerInvariant(letter));
            }

            return word.ToString();
        }
    }
}
