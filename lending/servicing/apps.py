from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ServicingConfig(AppConfig):
    name = "lending.servicing"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Servicing")

    def ready(self) -> None:
        from customers import case_subjects, topics
        from lending.applications import withdrawal
        from lending.servicing import (
            accrual,
            arrears,
            beat,
            case_topics,
            due_dates,
            early_warning,
            jobs,
            model_feed,
            outcomes,
            plan_accepting,
            provisions,
            reminders,
        )
        from lending.servicing.case_subject import plan_of
        from scoring import book_rescoring, monitoring_decisions, text_training
        from scoring.outcomes import register

        topics.suggest_by(case_topics.suggest)
        text_training.add_provider("cases", case_topics.labelled)
        case_subjects.add("loan", plan_of)
        jobs.register("offers", lambda day: {"expired": withdrawal.expire_offers(day.on)}, place=5)
        jobs.register("plan_offers", lambda day: plan_accepting.lapse(day.on), place=6)
        jobs.register("due_dates", lambda day: due_dates.pass_due_dates(day.on), place=10)
        jobs.register("arrears", lambda day: arrears.mark_days_past_due(day.on), place=20)
        jobs.register("penalties", lambda day: due_dates.charge_penalties(day.on), place=30)
        jobs.register("accrual", lambda day: accrual.accrue_interest(day.on), place=40)
        jobs.register("provisions", lambda day: provisions.provide_for_losses(day.on), place=50)
        jobs.register("early_warning", lambda day: early_warning.warn_monthly(day.on), place=65)
        jobs.register("reminders", reminders.remind, place=70)
        register(outcomes.outcomes_of_book)
        monitoring_decisions.register(model_feed.days_of_decisions)
        book_rescoring.register(model_feed.running_book)
        post_migrate.connect(beat.install, sender=self)
