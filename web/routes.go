package web

import "github.com/gofiber/fiber/v2"

// routes lists every address there is. GET answers HEAD too.
func (s *Server) routes() {
	a := s.app
	a.Get("/healthz", s.healthz)
	a.Get("/readyz", s.readyz)
	a.Get("/metrics", s.metricsPage())
	a.Get("/static/:version/*", s.serveStatic)
	a.Get("/calendar/:secret.ics", s.feed)

	a.Get("/", s.open(s.pageFind))
	a.Get("/facilities/:id", s.open(s.pageFacility))
	a.Get("/facilities/:id/timeline.json", s.open(s.timelineJSON))
	s.facilityRoutes(a)

	s.aroundRoutes()

	a.Get("/book", s.personal(s.pageBook))
	a.Post("/book", s.open(s.postBook)) // asks for sign-in itself, to keep what was typed
	a.Get("/book/quote", s.open(s.pageQuote))
	a.Post("/book/quote", s.open(s.pageQuote)) // who comes along stays out of addresses, and of others' logs
	s.bookingRoutes(a)
	a.Get("/inbox", s.personal(s.pageInbox))
	a.Post("/inbox/approve", s.personal(s.postApproveAll))
	a.Get("/absence", s.personal(s.pageAbsence))
	a.Post("/absence", s.personal(s.postAbsence))
	a.Post("/absence/:id/end", s.personal(s.postEndAbsence))
	a.Get("/projects", s.personal(s.pageProjects))
	a.Get("/projects/:id", s.personal(s.pageMoney))
	a.Get("/outbox", s.personal(s.pageOutbox))
	a.Get("/feeds", s.personal(s.pageFeeds))
	a.Post("/feeds", s.personal(s.postFeed))
	a.Post("/feeds/:id/revoke", s.personal(s.postRevokeFeed))

	a.Get("/sign-in", s.open(s.pageSignIn))
	a.Post("/sign-in", s.open(s.postSignIn))
	a.Get("/sign-in/sent", s.open(s.pageSignInSent))
	a.Get("/sign-in/:secret", s.open(s.pageSignInLink))
	a.Post("/sign-in/:secret", s.open(s.postSignInLink))
	a.Post("/sign-out", s.open(s.postSignOut))
	a.Post("/language", s.open(s.postLanguage))
	a.Post("/theme", s.open(s.postTheme))
	if s.Demo {
		a.Get("/demo/people", s.open(s.pageDemo))
		a.Post("/demo/people/:email", s.open(s.postDemo))
	}

	a.Get("/problems", s.open(s.pageProblems))
	a.Get("/problems/:code", s.open(s.pageProblem))
	a.Get("/api", func(c *fiber.Ctx) error { return c.Redirect("/api/docs") })
	a.Get("/api/docs", s.open(s.pageDocs))
	s.api()
}

// facilityRoutes are the addresses of what happens at one facility.
func (s *Server) facilityRoutes(a fiber.Router) {
	a.Get("/facilities/:id/members", s.personal(s.pageMembers))
	a.Post("/facilities/:id/members", s.personal(s.postMember))
	a.Post("/facilities/:id/members/leave", s.personal(s.postMemberLeaves))
	a.Get("/facilities/:id/outages", s.open(s.pageOutages))
	a.Get("/facilities/:id/outages/new", s.personal(s.pageNewOutage))
	a.Post("/facilities/:id/outages", s.personal(s.postOutage))
	a.Get("/facilities/:id/waits", s.personal(s.pageFacilityWaits))
	a.Get("/outages/:id", s.personal(s.pageOutage))
	a.Post("/outages/:id", s.personal(s.postOutageChange))
	a.Post("/outages/:id/lift", s.personal(s.postLift))
}

// bookingRoutes are the addresses of bookings and of places in a waiting list.
func (s *Server) bookingRoutes(a fiber.Router) {
	a.Get("/bookings", s.personal(s.pageBookings))
	a.Get("/bookings/:ref", s.personal(s.pageBooking))
	a.Get("/bookings/:ref/move", s.personal(s.pageMove))
	a.Post("/bookings/:ref/move", s.personal(s.postMove))
	a.Get("/bookings/:ref/propose", s.personal(s.pagePropose))
	a.Post("/bookings/:ref/propose", s.personal(s.postPropose))
	a.Get("/bookings/:ref/change/quote", s.personal(s.pageChangeQuote))
	a.Post("/bookings/:ref/hand-over", s.personal(s.postHandOver))
	a.Post("/bookings/:ref/pin", s.personal(s.postPin))
	a.Post("/bookings/:ref/:action", s.personal(s.postAction))
	a.Get("/series/:ref", s.personal(s.pageSeries))
	a.Post("/series/:ref/add", s.personal(s.postSeriesAdd))
	a.Post("/series/:ref/edit", s.personal(s.postSeriesEdit))
	a.Post("/series/:ref/cancel", s.personal(s.postSeriesCancel))
	a.Get("/waits", s.personal(s.pageWaits))
	a.Get("/waits/new", s.personal(s.pageJoin))
	a.Post("/waits", s.personal(s.postJoin))
	a.Get("/waits/:ref", s.personal(s.pageWait))
	a.Post("/waits/:ref/:action", s.personal(s.postWaitAction))
}

// aroundRoutes are those of use and of what lies around a booking. They come
// before /bookings/:ref/:action, which would else take some of them.
func (s *Server) aroundRoutes() {
	a := s.app
	a.Get("/facilities/:id/desk", s.personal(s.pageDesk))
	a.Post("/facilities/:id/notes", s.personal(s.postNote))
	a.Get("/facilities/:id/codes", s.personal(s.pageSheet))
	a.Post("/notes/:number/pin", s.personal(s.postPinNote))
	a.Post("/reports/:number/close", s.personal(s.postCloseReport))
	a.Post("/walk-in", s.personal(s.postWalkIn))
	a.Post("/retire", s.personal(s.postRetire))
	a.Get("/r/:resource", s.open(s.pageResource))
	a.Get("/r/:resource/qr.svg", s.resourceQR)
	a.Get("/r/:resource/report", s.personal(s.pageReportResource))
	a.Post("/r/:resource/report", s.personal(s.pageReportResource))
	a.Get("/enquiries", s.personal(s.pageEnquiries))
	a.Get("/enquiries/new", s.personal(s.pageAsk))
	a.Post("/enquiries", s.personal(s.pageAsk))
	a.Get("/enquiries/:ref", s.personal(s.pageEnquiry))
	a.Post("/enquiries/:ref", s.personal(s.postEnquiry))
	a.Post("/enquiries/:ref/close", s.personal(s.postCloseEnquiry))
	a.Post("/enquiries/:ref/files", s.personal(s.postFile(enquiryFiles)))
	a.Post("/bookings/:ref/files", s.personal(s.postFile(bookingFiles)))
	a.Post("/resources/:id/files", s.personal(s.postFile(resourceFiles)))
	a.Get("/files/:ref", s.open(s.download))
	a.Post("/files/:ref/delete", s.personal(s.postDeleteFile))
	a.Get("/bookings/:ref/report", s.personal(s.pageReportBooking))
	a.Post("/bookings/:ref/report", s.personal(s.pageReportBooking))
	a.Post("/bookings/:ref/check-out", s.personal(s.postRun("check-out", s.Booking.CheckOutWith)))
	a.Post("/bookings/:ref/log", s.personal(s.postRun("log", s.Booking.WriteLog)))
	a.Post("/bookings/:ref/correct", s.personal(s.postCorrect))
}
