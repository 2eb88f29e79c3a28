package app

import (
	"context"
	"errors"
	"time"

	"rigg/booking"
	"rigg/internal/jobs"
	"rigg/notify"
)

// registry is who works which kind of job. What a package announces is acted on
// by the packages above it.
func (a *App) registry() *jobs.Registry {
	r := jobs.NewRegistry()
	// A schedule's run that fails is not repeated: the next one does its work too.
	jobs.Handle(r, func(ctx context.Context, _ booking.JobSweep) error { return a.Booking.Sweep(ctx) },
		jobs.Timeout(10*time.Minute), jobs.MaxAttempts(1))
	jobs.Handle(r, a.Notify.RemindSweep, jobs.Timeout(10*time.Minute), jobs.MaxAttempts(1))
	jobs.Handle(r, func(ctx context.Context, j notify.JobCleanUp) error {
		return errors.Join(a.Notify.CleanUp(ctx, j), a.Access.CleanUp(ctx))
	}, jobs.Timeout(10*time.Minute), jobs.MaxAttempts(1))
	jobs.Handle(r, a.Notify.Requested)
	jobs.Handle(r, a.Notify.Confirmed)
	jobs.Handle(r, a.Notify.Declined)
	jobs.Handle(r, a.Notify.Asked)
	jobs.Handle(r, a.Notify.Answered)
	jobs.Handle(r, a.Notify.Cancelled)
	jobs.Handle(r, a.Notify.Moved)
	jobs.Handle(r, a.Notify.Expired)
	jobs.Handle(r, a.Notify.NoShow)
	jobs.Handle(r, a.Notify.Completed)
	jobs.Handle(r, a.Notify.SeriesNews)
	jobs.Handle(r, a.Booking.FindAlternative)
	jobs.Handle(r, a.Booking.TimeFreed, jobs.Timeout(5*time.Minute))
	jobs.Handle(r, a.Notify.Displaced)
	jobs.Handle(r, a.Notify.Restored)
	jobs.Handle(r, a.Notify.AlternativeExpired)
	jobs.Handle(r, a.Notify.Offered)
	jobs.Handle(r, a.Notify.OfferExpired)
	jobs.Handle(r, a.Notify.WaitExpired)
	jobs.Handle(r, a.Notify.Proposed)
	jobs.Handle(r, a.Notify.MoveAsked)
	jobs.Handle(r, a.Notify.Accepted)
	jobs.Handle(r, a.Notify.MoveApproved)
	jobs.Handle(r, a.Notify.Rejected)
	jobs.Handle(r, a.Notify.Lapsed)
	jobs.Handle(r, a.Notify.HandedOver)
	jobs.Handle(r, a.Notify.Reconfirm)
	jobs.Handle(r, a.Notify.StandIn)
	jobs.Handle(r, a.Notify.LogDue)
	jobs.Handle(r, a.Notify.Corrected)
	jobs.Handle(r, a.Notify.Reported)
	jobs.Handle(r, a.Notify.EnquiryWritten)
	jobs.Handle(r, a.Notify.Remind)
	jobs.Handle(r, a.Notify.SignIn)
	jobs.Handle(r, a.Notify.Deliver, jobs.Timeout(time.Minute), jobs.MaxAttempts(notify.DeliverAttempts))
	return r
}

// schedules are the sweeps of config.yaml.
func (a *App) schedules() []jobs.Schedule {
	s := a.Config.Schedules
	return []jobs.Schedule{
		{Name: "sweep", Cron: s.Sweep.Cron, Zone: s.Sweep.Zone, Job: booking.JobSweep{}},
		{Name: "reminders", Cron: s.Reminders.Cron, Zone: s.Reminders.Zone, Job: notify.JobRemindSweep{}},
		{Name: "clean_up", Cron: s.CleanUp.Cron, Zone: s.CleanUp.Zone, Job: notify.JobCleanUp{}},
	}
}
