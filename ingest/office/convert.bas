' Run by ingest/office/convert.py inside LibreOffice, in a profile of its own: opens one document without its macros and
' links, lays its sheets out, and writes it as PDF. What came of it goes into the file OCTAVO_SAID, since a macro has no
' exit status.

Sub Main
    Dim doc As Object
    Dim said As String
    On Error GoTo Failed
    said = "not opened"
    doc = StarDesktop.loadComponentFromURL(Environ("OCTAVO_FROM"), "_blank", 0, Opening())
    If IsNull(doc) Then GoTo Finish
    said = "not converted"
    If doc.supportsService("com.sun.star.sheet.SpreadsheetDocument") Then
        LaySheetsOut(doc)
    ElseIf doc.supportsService("com.sun.star.text.GenericTextDocument") Then
        doc.ShowChanges = False ' text that was deleted while changes were tracked is not printed
    End If
    doc.storeToURL(Environ("OCTAVO_TO"), Writing(doc))
    doc.close(False)
    said = "done"
Finish:
    Tell(said)
    StarDesktop.terminate
    Exit Sub
Failed:
    said = said & ": " & Error & " (line " & Erl & ")"
    Resume Finish
End Sub

Function Named(name As String, value As Variant) As Object
    Dim property As New com.sun.star.beans.PropertyValue
    property.Name = name
    property.Value = value
    Named = property
End Function

Function Opening() As Variant
    Dim list(6) As Object
    list(0) = Named("Hidden", True)
    list(1) = Named("Silent", True)
    list(2) = Named("MacroExecutionMode", 0) ' never
    list(3) = Named("UpdateDocMode", 0) ' no link is followed
    list(4) = IfSaid("FilterName", "OCTAVO_FILTER")
    list(5) = IfSaid("FilterOptions", "OCTAVO_FILTER_OPTIONS")
    list(6) = IfSaid("Password", "OCTAVO_PASSWORD")
    Opening = list
End Function

Function IfSaid(name As String, variable As String) As Object
    If Environ(variable) = "" Then
        IfSaid = Named("Hidden", True)
    Else
        IfSaid = Named(name, Environ(variable))
    End If
End Function

Function Writing(doc As Object) As Variant
    Dim data(2) As New com.sun.star.beans.PropertyValue
    Dim list(1) As Object
    Dim filter As String
    data(0) = Named("ExportBookmarks", True)
    data(1) = Named("ExportNotes", True) ' comments, as annotations
    data(2) = Named("ExportHiddenSlides", False)
    If doc.supportsService("com.sun.star.sheet.SpreadsheetDocument") Then
        filter = "calc_pdf_Export"
    ElseIf doc.supportsService("com.sun.star.presentation.PresentationDocument") Then
        filter = "impress_pdf_Export"
    ElseIf doc.supportsService("com.sun.star.drawing.DrawingDocument") Then
        filter = "draw_pdf_Export"
    Else
        filter = "writer_pdf_Export"
    End If
    list(0) = Named("FilterName", filter)
    list(1) = Named("FilterData", data)
    Writing = list
End Function

' Every visible sheet as a table that is as wide as its page, under the sheet's name, its head repeated on each page.

Sub LaySheetsOut(doc As Object)
    Dim sheet As Object
    Dim n As Long
    doc.lockControllers()
    doc.enableAutomaticCalculation(False)
    For n = 0 To doc.Sheets.Count - 1
        sheet = doc.Sheets.getByIndex(n)
        If sheet.IsVisible Then LaySheetOut(doc, sheet, "Octavo " & n)
    Next n
End Sub

Sub LaySheetOut(doc As Object, sheet As Object, style As String)
    Dim area As Object
    Dim range As Object
    Dim head As Long
    Dim n As Long
    area = Filled(sheet)
    If IsNull(area) Then Exit Sub
    If sheet.isProtected() Then sheet.unprotect("")
    range = sheet.getCellRangeByPosition(0, 0, area.EndColumn, area.EndRow)
    Rule(range)
    For n = 0 To area.EndColumn
        Fit(sheet.Columns.getByIndex(n), sheet.getCellRangeByPosition(n, 0, n, area.EndRow))
    Next n
    head = HeadOf(sheet, area)
    sheet.PageStyle = PageFor(doc, style, range.Size)
    ' The sheet's name, and an empty row, above all else.
    sheet.Rows.insertByIndex(0, 2)
    sheet.getCellByPosition(0, 0).String = sheet.Name
    sheet.getCellByPosition(0, 0).CharHeight = 16
    sheet.getCellByPosition(0, 0).CharWeight = com.sun.star.awt.FontWeight.BOLD
    sheet.Rows.getByIndex(0).OptimalHeight = True
    area.EndRow = area.EndRow + 2
    sheet.setPrintAreas(Array(area))
    If head >= 0 Then
        area.StartRow = head + 2
        area.EndRow = head + 2
        sheet.setTitleRows(area)
        sheet.setPrintTitleRows(True)
    End If
End Sub

' From the first cell to the last that holds anything; formats alone may reach to row 1,048,576. Null for an empty sheet.

Function Filled(sheet As Object) As Object
    Dim area As New com.sun.star.table.CellRangeAddress
    Dim one As Variant
    Dim found As Boolean
    ' Numbers, dates, text and formulas.
    For Each one In sheet.queryContentCells(1 + 2 + 4 + 16).RangeAddresses
        If one.EndColumn > area.EndColumn Then area.EndColumn = one.EndColumn
        If one.EndRow > area.EndRow Then area.EndRow = one.EndRow
        found = True
    Next
    area.Sheet = sheet.RangeAddress.Sheet
    If found Then
        Filled = area
    Else
        Filled = Nothing
    End If
End Function

' Lines between the cells, and room beside their text, tell figures of neighbouring columns apart.

Sub Rule(range As Object)
    Dim border As New com.sun.star.table.TableBorder
    Dim stroke As New com.sun.star.table.BorderLine
    stroke.OuterLineWidth = 9
    stroke.Color = RGB(160, 160, 160)
    border.TopLine = stroke
    border.BottomLine = stroke
    border.LeftLine = stroke
    border.RightLine = stroke
    border.HorizontalLine = stroke
    border.VerticalLine = stroke
    border.IsTopLineValid = True
    border.IsBottomLineValid = True
    border.IsLeftLineValid = True
    border.IsRightLineValid = True
    border.IsHorizontalLineValid = True
    border.IsVerticalLineValid = True
    range.TableBorder = border
    range.ParaLeftMargin = 120
    range.ParaRightMargin = 120
End Sub

' A column wide enough for its text, which would be cut off else; long text is wrapped. Hidden columns stay hidden.

Sub Fit(column As Object, cells As Object)
    If Not column.IsVisible Then Exit Sub
    column.OptimalWidth = True
    If column.Width > 10000 Then
        column.Width = 10000
        cells.IsTextWrapped = True
        cells.Rows.OptimalHeight = True
    End If
End Sub

' The first of the upper ten rows that is mostly text, or -1.

Function HeadOf(sheet As Object, area As Object) As Long
    Dim row As Long
    Dim column As Long
    Dim texts As Long
    HeadOf = -1
    For row = 0 To area.EndRow
        If row > 9 Then Exit Function
        texts = 0
        For column = 0 To area.EndColumn
            If sheet.getCellByPosition(column, row).Type = com.sun.star.table.CellContentType.TEXT Then texts = texts + 1
        Next column
        If texts > 1 And texts * 2 > area.EndColumn + 1 Then
            HeadOf = row
            Exit Function
        End If
    Next row
End Function

' A page as wide as the table (1/100 mm), so that letters keep their size; the smallest tables get smaller pages. Beyond
' 1.5 m everything is made smaller.

Function PageFor(doc As Object, name As String, size As Object) As String
    Dim style As Object
    style = doc.createInstance("com.sun.star.style.PageStyle")
    doc.StyleFamilies.getByName("PageStyles").insertByName(name, style)
    style.HeaderIsOn = False
    style.FooterIsOn = False
    style.PrintGrid = False
    style.PrintHeaders = False
    style.Width = 21000
    style.Height = 29700
    If size.Width > 18000 Then
        style.Width = size.Width + 3000
        If style.Width > 150000 Then style.Width = 150000
        style.Height = style.Width * 0.7071
    ElseIf size.Width < 11500 And size.Height < 2000 Then ' three or four rows
        style.Width = 14850
        style.Height = 21000
    End If
    style.LeftMargin = 1500
    style.RightMargin = 1500
    style.TopMargin = 1500
    style.BottomMargin = 1500
    style.ScaleToPagesX = 1
    style.ScaleToPagesY = 0
    PageFor = name
End Function

Sub Tell(said As String)
    Dim file As Integer
    file = FreeFile
    Open Environ("OCTAVO_SAID") For Output As #file
    Print #file, said
    Close #file
End Sub
