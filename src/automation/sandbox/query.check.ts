/**
 * Whether a query is one SELECT over `events`, by its words (R002-19). Pure. The database lets it do no more in any case; this is the second
 * lock, and says what is wrong in words. What is hard to read right is refused: other quotes, escapes, parameters.
 */

/** Everything that may stand before a parenthesis: words of the language, and functions that only reckon. */
const BEFORE_PARENTHESIS = new Set(
  `all and any as asc between by case cast cross desc distinct else end except exists extract filter from full group grouping having in inner
   interval intersect is join lateral left like ilike limit not offset on or order outer over partition right rollup cube sets row rows range select similar
   some then union using values when where window with within materialized
   abs age array array_agg array_length avg bool_and bool_or btrim ceil ceiling char_length coalesce concat concat_ws corr count cume_dist date_part
   date_trunc dense_rank div exp every first_value floor greatest initcap json_agg jsonb_agg jsonb_array_elements jsonb_array_elements_text
   jsonb_array_length jsonb_build_object jsonb_each jsonb_each_text jsonb_exists jsonb_extract_path jsonb_extract_path_text jsonb_object_agg
   jsonb_object_keys jsonb_typeof lag last_value lead least left length ln log lower ltrim make_interval max min mod mode now nth_value ntile nullif
   percent_rank percentile_cont percentile_disc position power rank regr_slope replace reverse right round row_number rtrim sign split_part sqrt
   starts_with stddev stddev_pop stddev_samp strpos substr substring sum to_char to_date to_json to_jsonb to_number to_timestamp trim trunc
   unnest upper var_pop var_samp variance width_bucket
   bigint boolean char character date decimal double float int integer json jsonb numeric real smallint text time timestamp timestamptz varchar`
    .split(/\s+/)
    .filter(Boolean),
);

/** Words that no query needs: other statements, other relations, who is asking and where. */
const NEVER =
  /^(pg_.*|reg(class|type|proc|procedure|role|namespace|oper|operator|config|dictionary|collation)|information_schema|engine|auth|sandbox|automation|statewright.*|current_.*|session_user|user|localtime|localtimestamp|system_user|into|insert|update|delete|merge|truncate|create|alter|drop|grant|revoke|copy|call|do|execute|prepare|declare|fetch|explain|analyze|analyse|vacuum|set|reset|show|listen|notify|lock|begin|commit|rollback|table|tablesample|recursive|operator|collate)$/;

type Token = { kind: 'word' | 'quoted' | 'text' | 'number' | 'sign'; text: string };

/** What is wrong with a query; undefined when it may be asked. */
export function objectionToQuery(query: string): string | undefined {
  const tokens = tokensOf(query);
  if (typeof tokens === 'string') return tokens;
  const [first] = tokens;
  if (first?.kind !== 'word' || !['select', 'with'].includes(first.text)) return 'must begin with SELECT or WITH';
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === '(' && token.kind === 'sign') depth += 1;
    if (token.text === ')' && token.kind === 'sign') depth -= 1;
    if (depth < 0) return 'has a parenthesis too many';
    const objection = objectionTo(token, tokens[index + 1]);
    if (objection !== undefined) return objection;
  }
  return depth > 0 ? 'lacks a parenthesis' : undefined;
}

function objectionTo({ kind, text }: Token, next: Token | undefined): string | undefined {
  if (kind !== 'word' && kind !== 'quoted') return undefined;
  if (NEVER.test(text.toLowerCase())) return `must not use ${text}; it is one SELECT over events`;
  const isCalled = next?.kind === 'sign' && next.text === '(';
  // Columns after the name of a common table or an alias look like a call too. No query has to have them.
  if (isCalled && !BEFORE_PARENTHESIS.has(text)) return `must not call ${text}`;
  return undefined;
}

const SIGNS = /^(::|<=|>=|<>|!=|->>|->|#>>|#>|\|\||@>|<@|\?\||\?&|[-+*/%=<>(),.[\]:?~!|])/;

/** The parts of a query; what is wrong with it when it cannot be taken apart without doubt. */
function tokensOf(query: string): Token[] | string {
  const tokens: Token[] = [];
  let rest = query;
  while (rest !== '') {
    const [blank] = /^([ \t\n\r\f]+|--[^\n\r]*)/.exec(rest) ?? [];
    if (blank !== undefined) {
      rest = rest.slice(blank.length);
      continue;
    }
    const token = tokenAt(rest);
    if (typeof token === 'string') return token;
    tokens.push(token.token);
    rest = rest.slice(token.length);
  }
  return tokens;
}

function tokenAt(rest: string): { token: Token; length: number } | string {
  const [word] = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest) ?? [];
  if (word !== undefined)
    return /^['"&$]/.test(rest.slice(word.length))
      ? `must not put ${word} directly before a quote, & or $`
      : { token: { kind: 'word', text: word.toLowerCase() }, length: word.length };
  const [number] = /^(\d+(\.\d+)?|\.\d+)(e[-+]?\d+)?(?![A-Za-z0-9_])/i.exec(rest) ?? [];
  if (number !== undefined) return { token: { kind: 'number', text: number }, length: number.length };
  const [text] = /^'([^'\\]|'')*'/.exec(rest) ?? [];
  if (text !== undefined) return { token: { kind: 'text', text }, length: text.length };
  const [, quoted] = /^"([^"]*)"/.exec(rest) ?? [];
  if (quoted !== undefined)
    return /^[A-Za-z_][A-Za-z0-9_ -]*$/.test(quoted)
      ? { token: { kind: 'quoted', text: quoted }, length: quoted.length + 2 }
      : 'must not have other names in quotes than those of letters, digits, _ and -';
  if (rest.startsWith(';')) return 'must be one statement, without ;';
  if (rest.startsWith('/*')) return 'must not have comments of this kind; use --';
  const [sign] = SIGNS.exec(rest) ?? [];
  if (sign !== undefined) return { token: { kind: 'sign', text: sign }, length: sign.length };
  return `must not have ${JSON.stringify(rest.slice(0, 1))} outside of texts`;
}
