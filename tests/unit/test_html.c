/* Templates: everything is escaped, and every fault of a template or view is a hard error. */
#include "unit.h"

#include "base/buf.h"
#include "base/json.h"
#include "web/html.h"

static enum status render(const char *template, const char *view_text, struct buf *out)
{
	CLEANUP(json_object_put) struct json_object *view = NULL;
	assert_status(json_parse(view_text, strlen(view_text), 32, &view), STATUS_OK);
	return html_render(template, view, out);
}

static void assert_page(const char *template, const char *view, const char *wanted)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);
	assert_status(render(template, view, &out), STATUS_OK);
	assert_string_equal(buf_text(&out), wanted);
}

static void assert_fault(const char *template, const char *view, const char *problem)
{
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);
	log_capture();
	enum status st = render(template, view, &out);
	const char *log = log_captured(&arena);
	if (st != STATUS_BROKEN)
		fail_msg("\"%s\" renders", template);
	assert_contains(log, problem);
}

static void text_without_tags_stays(void **state)
{
	(void)state;
	assert_page("", "{}", "");
	assert_page("<p>one & two</p>\n", "{}", "<p>one & two</p>\n");
	assert_page("{ {a} }", "{}", "{ {a} }");
	assert_page("a } b }} c", "{}", "a } b }} c");
}

static void a_caption_is_escaped_in_text_and_attribute(void **state)
{
	(void)state;
	assert_page("<a title=\"{{c}}\">{{c}}</a>", "{\"c\":\"<b>\\\"'&\"}",
		    "<a title=\"&lt;b&gt;&quot;&#39;&amp;\">&lt;b&gt;&quot;&#39;&amp;</a>");
	assert_page("{{c}}", "{\"c\":\"</script><script>alert(1)</script>\"}",
		    "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
	assert_page("{{c}}", "{\"c\":\"&amp;\"}", "&amp;amp;");
	assert_page("{{#l}}{{.}}{{/l}}", "{\"l\":[\"<\",\">\"]}", "&lt;&gt;");
}

/* What a value says is never read as a template. */
static void a_value_is_not_a_template(void **state)
{
	(void)state;
	assert_page("{{a}}{{b}}", "{\"a\":\"{{b}}\",\"b\":\"x\"}", "{{b}}x");
	assert_page("{{a}}{{b}}", "{\"a\":\"{{#b}}\",\"b\":\"{{/b}}\"}", "{{#b}}{{/b}}");
}

static void escaping_changes_five_characters_alone(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf out = BUF_INIT(10000);
	char all[256];
	for (size_t i = 0; i < 256; i++)
		all[i] = (char)i;
	html_escape(&out, all, sizeof(all));
	assert_int_equal(out.length, 256 + 4 + 3 + 3 + 5 + 4);
	for (const char *bad = "<>\"'"; *bad; bad++)
		assert_null(memchr(out.data, *bad, out.length));
	/* Read back by a decoder that knows the five entities and nothing else. */
	static const struct {
		const char *entity;
		char byte;
	} entities[] = { { "&amp;", '&' },
			 { "&lt;", '<' },
			 { "&gt;", '>' },
			 { "&quot;", '"' },
			 { "&#39;", '\'' } };
	size_t read = 0;
	for (size_t at = 0; at < out.length; read++) {
		char byte = out.data[at];
		size_t step = 1;
		for (size_t i = 0; byte == '&' && i < ARRAY_SIZE(entities); i++) {
			if (strncmp(out.data + at, entities[i].entity,
				    strlen(entities[i].entity)) == 0) {
				step = strlen(entities[i].entity);
				byte = entities[i].byte;
				break;
			}
		}
		assert_int_equal(byte, all[read]);
		at += step;
	}
	assert_int_equal(read, 256);
}

static void plain_values_are_shown(void **state)
{
	(void)state;
	assert_page("{{i}} {{b}} {{n}} {{s}}",
		    "{\"i\":7000000000000000001,\"b\":false,\"n\":null,\"s\":\"\"}",
		    "7000000000000000001 false  ");
	assert_page("{{d}}", "{\"d\":1.5}", "1.5");
	assert_page("{{a_name_2}}", "{\"a_name_2\":\"x\"}", "x");
}

static void a_missing_name_is_a_fault(void **state)
{
	(void)state;
	assert_fault("{{a}}", "{}", "name missing in view name=a");
	assert_fault("{{#a}}x{{/a}}", "{}", "name missing in view name=a");
	assert_fault("{{^a}}x{{/a}}", "{}", "name missing in view name=a");
	assert_fault("{{a}}", "{\"A\":1}", "name=a");
	assert_fault("{{#l}}{{x}}{{/l}}", "{\"l\":[{\"x\":1},{\"y\":1}]}", "name=x");
	assert_fault("{{a.b}}", "{\"a\":{\"b\":1}}", "name=a.b");
}

static void a_list_or_an_object_is_not_shown(void **state)
{
	(void)state;
	assert_fault("{{a}}", "{\"a\":[1]}", "not a plain value name=a");
	assert_fault("{{a}}", "{\"a\":{\"b\":1}}", "not a plain value name=a");
	assert_fault("{{.}}", "{}", "not a plain value name=.");
}

static void an_unclosed_section_is_a_fault(void **state)
{
	(void)state;
	assert_fault("{{#a}}x", "{\"a\":true}", "unclosed section name=a");
	assert_fault("{{^a}}x", "{\"a\":true}", "unclosed section name=a");
	/* Whether it would be shown or not. */
	assert_fault("{{#a}}x", "{\"a\":false}", "unclosed section name=a");
	assert_fault("{{#a}}{{#b}}{{/b}}", "{\"a\":true,\"b\":true}", "unclosed section name=a");
	assert_fault("{{#a}}{{#a}}{{/a}}", "{\"a\":true}", "unclosed section name=a");
	assert_fault("{{/a}}", "{\"a\":true}", "end without section name=a");
	assert_fault("{{#a}}{{/b}}{{/a}}", "{\"a\":true,\"b\":true}", "end without section name=b");
}

/* The end of b lies beyond the end of a: nothing of it may be read twice. */
static void crossed_sections_are_a_fault(void **state)
{
	(void)state;
	static const char template[] = "{{#a}}1{{#b}}2{{/a}}3{{/b}}4";
	assert_fault(template, "{\"a\":true,\"b\":true}", "unclosed section name=b");
	assert_fault(template, "{\"a\":true,\"b\":false}", "unclosed section name=b");
	assert_fault(template, "{\"a\":[1,2],\"b\":[]}", "unclosed section name=b");
}

static void a_bad_tag_is_a_fault(void **state)
{
	(void)state;
	static const char *const bad[] = { "{{}}",    "{{ a }}", "{{a}",       "{{a",
					   "{{A}}",   "{{a b}}", "{{{a}}}",    "{{&a}}",
					   "{{>a}}",  "{{!a}}",	 "{{#}}{{/}}", "{{# a}}x{{/a}}",
					   "{{a-b}}", "{{",	 "{{\n}}" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fault(bad[i], "{\"a\":\"x\"}", "bad tag");
	assert_fault("{{#a}}{{ a }}{{/a}}", "{\"a\":false}", "bad tag in section");
	CLEANUP(arena) struct arena arena = { 0 };
	char *name = arena_alloc(&arena, 65);
	memset(name, 'n', 64);
	assert_fault(arena_printf(&arena, "{{%s}}", name), "{}", "bad tag");
}

static void sections_follow_truth(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		bool truth;
	} cases[] = {
		{ "null", false }, { "false", false }, { "\"\"", false }, { "[]", false },
		{ "true", true },  { "\"x\"", true },  { "[0]", true },	  { "{}", true },
		{ "0", true },	   { "1", true },      { "\"0\"", true }, { "{\"x\":1}", true },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		const char *view = arena_printf(&arena, "{\"a\":%s}", cases[i].value);
		assert_page("[{{#a}}yes{{/a}}{{^a}}no{{/a}}]", view,
			    cases[i].truth ? "[yes]" : "[no]");
	}
}

static void a_list_is_repeated(void **state)
{
	(void)state;
	assert_page("{{#l}}<{{x}}>{{/l}}", "{\"l\":[{\"x\":1},{\"x\":2},{\"x\":3}]}", "<1><2><3>");
	assert_page("{{#l}}{{.}},{{/l}}", "{\"l\":[\"a\",\"b\"]}", "a,b,");
	assert_page("{{#l}}[{{.}}]{{/l}}", "{\"l\":[null,0,true]}", "[][0][true]");
	assert_page("{{#l}}{{#.}}{{.}}{{/.}};{{/l}}", "{\"l\":[[1,2],[],[3]]}", "12;;3;");
	assert_page("{{^l}}none{{/l}}", "{\"l\":[1]}", "");
}

static void the_item_itself_is_a_dot(void **state)
{
	(void)state;
	assert_page("{{#name}}@{{.}} {{/name}}end", "{\"name\":\"x\"}", "@x end");
	assert_page("{{#name}}@{{.}} {{/name}}end", "{\"name\":\"\"}", "end");
	assert_page("{{#name}}@{{.}} {{/name}}end", "{\"name\":null}", "end");
}

static void names_are_found_inside_first_then_outside(void **state)
{
	(void)state;
	assert_page("{{#o}}{{a}}{{b}}{{/o}}{{a}}", "{\"a\":1,\"b\":2,\"o\":{\"a\":3}}", "321");
	assert_page("{{#o}}{{#p}}{{a}}{{/p}}{{/o}}", "{\"a\":1,\"o\":{\"p\":{}}}", "1");
	/* Null is there, too. */
	assert_page("{{#o}}[{{a}}]{{/o}}", "{\"a\":1,\"o\":{\"a\":null}}", "[]");
	assert_page("{{#s}}{{a}}{{/s}}", "{\"a\":1,\"s\":\"text\"}", "1");
	assert_page("{{#l}}{{a}}{{/l}}", "{\"a\":1,\"l\":[\"x\",null]}", "11");
}

static void sections_of_one_name_nest(void **state)
{
	(void)state;
	assert_page("{{#a}}1{{#a}}2{{/a}}3{{/a}}4", "{\"a\":true}", "1234");
	assert_page("{{#a}}1{{#a}}2{{/a}}3{{/a}}4", "{\"a\":false}", "4");
	assert_page("{{#a}}1{{^a}}2{{/a}}3{{/a}}4", "{\"a\":true}", "134");
	assert_page("{{^a}}1{{#a}}2{{/a}}3{{/a}}4", "{\"a\":false}", "134");
	assert_page("{{#a}}{{x}}{{#a}}{{x}}{{/a}}{{/a}}", "{\"a\":{\"x\":1,\"a\":{\"x\":2}}}",
		    "12");
	assert_page("{{#a}}1{{/a}}{{#a}}2{{/a}}", "{\"a\":true}", "12");
}

static void sections_do_not_nest_without_end(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *inside = "x";
	for (int i = 0; i < 16; i++)
		inside = arena_printf(&arena, "{{#a}}%s{{/a}}", inside);
	assert_page(inside, "{\"a\":true}", "x");
	assert_fault(arena_printf(&arena, "{{#a}}%s{{/a}}", inside), "{\"a\":true}",
		     "sections too deep");
}

static void a_page_has_a_limit(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(buf) struct buf out = BUF_INIT(10);
	log_capture();
	enum status st = render("{{#l}}12345{{/l}}", "{\"l\":[1,2,3]}", &out);
	assert_contains(log_captured(&arena), "page too large");
	assert_status(st, STATUS_BROKEN);
	/* Escaping counts. */
	CLEANUP(buf) struct buf small = BUF_INIT(10);
	log_capture();
	st = render("{{a}}", "{\"a\":\"<<<\"}", &small);
	assert_contains(log_captured(&arena), "page too large");
	assert_status(st, STATUS_BROKEN);
}

static void a_page_is_appended(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf out = BUF_INIT(100);
	buf_puts(&out, "head ");
	assert_status(render("{{a}}", "{\"a\":1}", &out), STATUS_OK);
	assert_string_equal(buf_text(&out), "head 1");
}

/* Any cut of a template renders or is a fault: no other end. */
static void every_cut_of_a_template_ends(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char template[] =
		"<p>{{a}}{{#l}}{{x}}{{^y}}{{.}}{{/y}}{{/l}}{{#s}}{{.}}{{/s}}</p>";
	log_capture();
	for (size_t length = 0; length < sizeof(template); length++) {
		for (size_t from = 0; from <= length; from++) {
			CLEANUP(arena) struct arena scratch = { 0 };
			CLEANUP(buf) struct buf out = BUF_INIT(1000);
			const char *cut = arena_strndup(&scratch, template + from, length - from);
			enum status st = render(
				cut,
				"{\"a\":1,\"l\":[{\"x\":1,\"y\":1},{\"x\":2,\"y\":2}],\"s\":\"t\"}",
				&out);
			assert_true(st == STATUS_OK || st == STATUS_BROKEN);
		}
	}
	log_captured(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_tags_stays),
		cmocka_unit_test(a_caption_is_escaped_in_text_and_attribute),
		cmocka_unit_test(a_value_is_not_a_template),
		cmocka_unit_test(escaping_changes_five_characters_alone),
		cmocka_unit_test(plain_values_are_shown),
		cmocka_unit_test(a_missing_name_is_a_fault),
		cmocka_unit_test(a_list_or_an_object_is_not_shown),
		cmocka_unit_test(an_unclosed_section_is_a_fault),
		cmocka_unit_test(crossed_sections_are_a_fault),
		cmocka_unit_test(a_bad_tag_is_a_fault),
		cmocka_unit_test(sections_follow_truth),
		cmocka_unit_test(a_list_is_repeated),
		cmocka_unit_test(the_item_itself_is_a_dot),
		cmocka_unit_test(names_are_found_inside_first_then_outside),
		cmocka_unit_test(sections_of_one_name_nest),
		cmocka_unit_test(sections_do_not_nest_without_end),
		cmocka_unit_test(a_page_has_a_limit),
		cmocka_unit_test(a_page_is_appended),
		cmocka_unit_test(every_cut_of_a_template_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
