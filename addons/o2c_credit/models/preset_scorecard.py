from odoo import api, models

from ..rules.scorecard_check import check_policy, check_shape

SOURCE_LANG = "en_US"


class Preset(models.AbstractModel):
    """Scorecards in presets: what makes no sense, and texts in several languages.

    A translated text is written plain, or as ``{language: text}`` with one in en_US.
    """

    _inherit = "o2c.preset"

    # === WHAT IS WRONG === #

    @api.model
    def _get_policy_problems(self, model, content, place, parts=None):
        if parts is not None:
            yield from super()._get_policy_problems(model, content, place, parts)
            return
        shape = list(check_shape(content))
        if not shape:
            yield from super()._get_policy_problems(model, content, place, parts)
        sources = self.env["o2c.credit.source"]._get_sources()
        for problem in shape or check_policy(content, {key: source.kind for key, source in sources.items()}):
            where = " > ".join(filter(None, (place, problem.place)))
            yield f"{where}: {self._explain_problem(problem)}"

    def _get_value_problems(self, field, value, place):
        if isinstance(value, dict) and field.translate:
            if not all(isinstance(text, str) for text in value.values()) or not value.get(SOURCE_LANG):
                yield self.env._("%s: write one text for each language, one of them in en_US.", place)
            return
        yield from super()._get_value_problems(field, value, place)

    @api.model
    def _explain_problem(self, problem):
        """What is wrong, and how to mend it."""
        value = problem.value
        return {
            "object": self.env._("an object { … } belongs here."),
            "list": self.env._("a list [ … ] belongs here."),
            "text": self.env._("a text belongs here."),
            "positive": self.env._("%s is no weight. Write a number above 0.", value),
            "range": self.env._("%s is not between 0 and 100.", value),
            "repeated": self.env._("%s stands here for the second time. Each may stand once.", value),
            "no_lowest": self.env._("no grade begins at 0, so low scores would have none."),
            "no_bands": self.env._("the factor has no bands. Say how many points its values give."),
        }[problem.code]

    # === TEXTS === #

    @api.model
    def _dump_value(self, record, name):
        """Translated texts in all languages in which they differ."""
        field = record._fields[name]
        if not field.translate or not record[name] or not record.id:
            return super()._dump_value(record, name)
        texts = field._get_stored_translations(record) or {}
        if len(set(texts.values())) == 1:
            return next(iter(texts.values()))
        return dict(sorted(texts.items()))

    @api.model
    def _prepare_policy_vals(self, model, content, parts=None):
        plain = {name: self._get_plain(value) for name, value in content.items()}
        return super()._prepare_policy_vals(model, plain, parts)

    @api.model
    def _flatten(self, model, content, parts=None, head=""):
        plain = {name: self._get_plain(value) for name, value in content.items()}
        return super()._flatten(model, plain, parts, head)

    def _load_policy(self, company, wanted):
        policy = super(Preset, self.with_context(lang=SOURCE_LANG))._load_policy(company, wanted)
        self._translate_lines(policy.factor_ids, wanted.get("factor_ids", ()))
        return policy.with_context(lang=self.env.lang)

    @api.model
    def _create_policy(self, company, wanted):
        """A draft with the content, whatever else is there."""
        policies = self.env["o2c.credit.policy"].with_context(lang=SOURCE_LANG)
        vals = self._prepare_policy_vals(policies, wanted)
        policy = policies.create({**vals, "company_id": company.id})
        self._translate_lines(policy.factor_ids, wanted.get("factor_ids", ()))
        return policy.with_context(lang=self.env.lang)

    @api.model
    def _translate_lines(self, lines, contents):
        """Texts of lines that were just created from contents, in their order."""
        installed = {code for code, __ in self.env["res.lang"].get_installed()}
        for line, content in zip(lines.sorted("id"), contents, strict=False):
            for name, texts in content.items():
                if isinstance(texts, dict):
                    line.update_field_translations(
                        name, {lang: text for lang, text in texts.items() if lang in installed}
                    )
            self._translate_lines(line.band_ids if "band_ids" in content else line.browse(),
                                  content.get("band_ids", ()))  # fmt: skip

    @api.model
    def _get_plain(self, value):
        return value.get(SOURCE_LANG, "") if isinstance(value, dict) else value
